using DistTrain.Graph;
using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// Makes blocks out of parameter gradients as the backward pass completes them. Every parameter is written straight into the blocks
/// that travel: those of a parameter that is cut in several lie next to each other.
/// </summary>
/// <remarks>Belongs to one compute thread. Allocates nothing once the most blocks were on their way.</remarks>
internal sealed class GradientBlocks : IGradientSink
{
    private readonly (int First, int Last)[] blocks;
    private readonly (int Run, int Offset, int Length)[] parts;
    private readonly Run[] runs;
    private readonly int[] runOf;
    private readonly int[] parametersOf;
    private readonly int[] missing;
    private Action<BlockId, BlockBuffer> ready = static (_, _) => { };
    private Func<bool> isCancelled = static () => false;

    /// <param name="layout">The parameters.</param>
    /// <param name="plan">Their blocks.</param>
    /// <param name="memory">Where blocks are to lie; null: in this process's own.</param>
    public GradientBlocks(ParameterLayout layout, BlockPlan plan, IBlockMemory? memory = null)
    {
        blocks = [.. layout.Parameters.Select(parameter => plan.BlocksOf(layout.Offsets[parameter.Index], parameter.Shape.Length))];
        runs = [.. plan.Runs.Select(range => new Run(plan, range, memory))];
        runOf = [.. plan.Runs.SelectMany((range, run) => Enumerable.Repeat(run, range.Last - range.First + 1))];
        parts = [.. layout.Parameters.Select(parameter =>
        {
            int run = runOf[blocks[parameter.Index].First];
            return (run, (int)(layout.Offsets[parameter.Index] - plan.Blocks[runs[run].First].Offset), parameter.Shape.Length);
        })];
        parametersOf = new int[plan.Blocks.Count];
        missing = new int[plan.Blocks.Count];
        foreach ((int first, int last) in blocks)
        {
            for (int b = first; b <= last; b++)
            {
                parametersOf[b]++;
            }
        }
    }

    /// <summary>A new range begins; what an earlier one left incomplete is dropped.</summary>
    /// <param name="ready">Gets each complete block with the reference to it.</param>
    /// <param name="isCancelled">Asked at every parameter, so that a range nobody wants ends soon.</param>
    public void Begin(Action<BlockId, BlockBuffer> ready, Func<bool> isCancelled)
    {
        this.ready = ready;
        this.isCancelled = isCancelled;
        for (int b = 0; b < missing.Length; b++)
        {
            Run run = runs[runOf[b]];
            if (missing[b] > 0)
            {
                run.Open?[b - run.First].Release();
            }
        }

        foreach (Run run in runs)
        {
            run.Open = null;
        }

        parametersOf.CopyTo(missing, 0);
    }

    public Span<float> Destination(int parameterIndex)
    {
        (int run, int offset, int length) = parts[parameterIndex];
        return runs[run].Rent().Memory.Span.Slice(offset, length);
    }

    /// <exception cref="OperationCanceledException">The computation was cancelled.</exception>
    public void Complete(int parameterIndex)
    {
        if (isCancelled())
        {
            throw new OperationCanceledException();
        }

        (int first, int last) = blocks[parameterIndex];
        Run run = runs[parts[parameterIndex].Run];
        for (int b = first; b <= last; b++)
        {
            if (--missing[b] == 0)
            {
                ready(new BlockId(b), run.Open![b - run.First]);
            }
        }
    }

    /// <summary>A run of the plan: memory for as many ranges as are on their way.</summary>
    private sealed class Run(BlockPlan plan, (int First, int Last) range, IBlockMemory? memory)
    {
        private readonly List<AdjacentBuffers> all = [];

        /// <summary>Index of the first block.</summary>
        public int First { get; } = range.First;

        /// <summary>Rented for the range that is computed; null before its first gradient.</summary>
        public AdjacentBuffers? Open { get; set; }

        public AdjacentBuffers Rent()
        {
            if (Open is null)
            {
                memory?.Reclaim();
                Open = all.Find(static buffers => buffers.TryRentAll());
                if (Open is null)
                {
                    all.Add(Open = new AdjacentBuffers(plan, range, memory));
                    Open.TryRentAll();
                }
            }

            return Open;
        }
    }
}
