namespace DistTrain.Protocol.Tests;

public class BlockPlanTests
{
    [Fact]
    public void Blocks_lie_side_by_side_and_never_cut_a_tensor_that_fits()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            TensorLength[] tensors = RandomTensors(new Random(seed));
            var plan = BlockPlan.Create(tensors);

            long offset = 0;
            foreach (Block block in plan.Blocks)
            {
                Assert.Equal(offset, block.Offset);
                Assert.InRange(block.Length, 1, ProtocolLimits.BlockFloatsMax);
                offset = block.End;
            }

            Assert.Equal(tensors.Sum(tensor => tensor.Floats), offset);
            long start = 0;
            foreach (TensorLength tensor in tensors)
            {
                (int first, int last) = plan.BlocksOf(start, tensor.Floats);
                Assert.True(first == last || tensor.Floats > ProtocolLimits.BlockFloatsMax, $"{tensor} lies in blocks {first} to {last}");
                Assert.Equal(tensor.Name, plan.TensorAt(new BlockId(first), (int)(start - plan.Blocks[first].Offset)));
                Assert.Equal(tensor.Name, plan.TensorAt(new BlockId(last), (int)(start + tensor.Floats - 1 - plan.Blocks[last].Offset)));
                start += tensor.Floats;
            }
        }
    }

    [Fact]
    public void The_blocks_are_those_that_one_gets_float_by_float()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            TensorLength[] tensors = RandomTensors(new Random(seed));
            Assert.Equal(FloatByFloat(tensors), BlockPlan.Create(tensors).Blocks.Select(block => block.Length));
        }
    }

    [Fact]
    public void Every_tensor_lies_within_one_run_of_blocks()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            TensorLength[] tensors = RandomTensors(new Random(seed));
            var plan = BlockPlan.Create(tensors);
            Assert.Equal(Enumerable.Range(0, plan.Blocks.Count), plan.Runs.SelectMany(run => Enumerable.Range(run.First, run.Last - run.First + 1)));
            long start = 0;
            foreach (TensorLength tensor in tensors)
            {
                (int first, int last) = plan.BlocksOf(start, tensor.Floats);
                Assert.Contains(plan.Runs, run => run.First <= first && last <= run.Last);
                start += tensor.Floats;
            }

            Assert.All(plan.Runs, run => Assert.True(run.First == run.Last || plan.TensorAt(new BlockId(run.First), 0) == plan.TensorAt(new BlockId(run.Last), 0)));
        }
    }

    [Fact]
    public void A_network_of_three_dense_layers_gives_the_blocks_one_would_draw()
    {
        var plan = BlockPlan.Create(
        [
            new("dense1/kernel", 784 * 512), new("dense1/bias", 512),
            new("dense2/kernel", 512 * 256), new("dense2/bias", 256),
            new("dense3/kernel", 2560), new("dense3/bias", 10),
        ]);

        // 6 whole blocks and a rest of dense1 with its bias; 2 blocks of dense2; its bias with all of dense3.
        Assert.Equal([65536, 65536, 65536, 65536, 65536, 65536, 8192 + 512, 65536, 65536, 256 + 2560 + 10], plan.Blocks.Select(block => block.Length));
    }

    [Fact]
    public void Empty_tensors_and_no_tensors_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BlockPlan.Create([]));
        Assert.Throws<ArgumentException>(() => BlockPlan.Create([new("empty", 0)]));
    }

    [Fact]
    public void Placement_is_the_obvious_greedy_one_and_balanced_by_floats()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var plan = BlockPlan.Create(RandomTensors(random));
            MachineId[] servers = [.. Enumerable.Range(0, random.Next(1, 9)).Select(i => MachineId.Server(3 * i))];
            var placement = BlockPlacement.Balance(plan, servers);

            Assert.Equal(SimplePlacement(plan, servers), placement.Owners);
            long[] loads = [.. servers.Select(server => placement.BlocksOf(server).Sum(block => (long)plan[block].Length))];
            Assert.True(loads.Max() - loads.Min() <= plan.Blocks.Max(block => block.Length), string.Join(' ', loads));
        }
    }

    /// <summary>The simple twin: the rule of docs/numerics.md, asked before every float.</summary>
    private static List<int> FloatByFloat(TensorLength[] tensors)
    {
        List<int> blocks = [];
        foreach (TensorLength tensor in tensors)
        {
            long both = blocks.Count == 0 ? long.MaxValue : blocks[^1] + tensor.Floats;
            bool joins = both <= 16384 || (tensor.Floats <= 1024 && both <= 65536);
            for (long i = 0; i < tensor.Floats; i++)
            {
                if ((i == 0 && !joins) || blocks[^1] == 65536)
                {
                    blocks.Add(0);
                }

                blocks[^1]++;
            }
        }

        return blocks;
    }

    /// <summary>The simple twin: again and again the largest block left to the server with the least.</summary>
    private static int[] SimplePlacement(BlockPlan plan, MachineId[] servers)
    {
        int[] owners = new int[plan.Blocks.Count];
        long[] loads = new long[servers.Length];
        List<Block> left = [.. plan.Blocks];
        while (left.Count > 0)
        {
            Block largest = left.First(block => block.Length == left.Max(other => other.Length));
            int server = Array.IndexOf(loads, loads.Min());
            loads[server] += largest.Length;
            owners[largest.Id.Value] = servers[server].Number;
            left.Remove(largest);
        }

        return owners;
    }

    private static TensorLength[] RandomTensors(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(1, 20)).Select(i => new TensorLength($"tensor{i}", random.Next(4) switch
        {
            0 => random.Next(1, 600),
            1 => random.Next(1000, 20_000),
            2 => random.Next(60_000, 70_000),
            _ => random.Next(100_000, 400_000),
        })),
    ];
}
