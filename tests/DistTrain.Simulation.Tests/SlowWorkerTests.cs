using System.Globalization;
using System.Numerics;
using DistTrain.Protocol;
using Xunit.Abstractions;

namespace DistTrain.Simulation.Tests;

/// <summary>Throughput in virtual time when workers are not equally fast: what the protocol loses, against what is possible.</summary>
public class SlowWorkerTests(ITestOutputHelper output)
{
    private const int Steps = 240;
    private const int SliceInstants = 40;
    private const int Factor = 10;

    // A slice of three blocks.
    private const double SliceTime = 3 * SliceInstants;
    private const int ForEver = 1 << 30;

    // Servers are numbered first.
    private static readonly MachineId Slow = MachineId.Worker(3);

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void One_worker_at_a_tenth_of_the_speed_among_four_leaves_what_three_and_a_tenth_allow(int slices)
    {
        long[] instants = CommitInstants(slices, [new ScriptedFault(1, FaultKind.WorkerSlowed, Slow, ForEver, Factor)], out SimulationResult result);

        double learning = SlicesPerInstant(slices, instants, 0, 40);
        double known = SlicesPerInstant(slices, instants, 40, Steps - 1);
        Print(slices, "from the start, known", known);
        Print(slices, "from the start, its first 40 steps", learning);
        Assert.True(known >= 0.8 * ThreeAndATenth, $"{known / ThreeAndATenth:P1} of three and a tenth workers");
        Assert.True(known >= 0.9 * Best(slices), $"{known / Best(slices):P1} of the best ranges");
        Assert.InRange(result.RunEvents.OfType<RangesBalanced>().Count(), 0, 4);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public void A_worker_that_becomes_slow_and_recovers_costs_a_few_steps_each_time(int slices)
    {
        long[] calm = CommitInstants(slices, [], out _);
        long[] instants = CommitInstants(slices, [new ScriptedFault((int)calm[60] + 10, FaultKind.WorkerSlowed, Slow, (int)calm[Steps / 4], Factor)], out SimulationResult result);
        int slowUntil = Array.FindIndex(instants, instant => instant > calm[60] + calm[Steps / 4]);

        double slow = SlicesPerInstant(slices, instants, 60, slowUntil);
        double recovered = SlicesPerInstant(slices, instants, Math.Min(slowUntil + 30, Steps - 20), Steps - 1);
        double four = SlicesPerInstant(slices, calm, 0, Steps - 1);
        Print(slices, $"slow in steps 60 to {slowUntil}", slow);
        output.WriteLine($"V = {slices}: recovered: {recovered / four:P1} of four workers");
        Assert.True(slow >= 0.8 * Best(slices), $"{slow / Best(slices):P1} of the best ranges");
        Assert.True(recovered >= 0.95 * four, $"{recovered / four:P1} of four workers");
        Assert.Equal(1, result.Faults[FaultKind.WorkerSlowed]);
        Assert.NotEmpty(result.RunEvents.OfType<RangesBacked>());
    }

    [Fact]
    public void A_worker_that_stands_still_holds_up_one_step_for_a_few_ticks()
    {
        const int Slices = 32;
        long[] calm = CommitInstants(Slices, [], out _);
        long[] instants = CommitInstants(Slices, [new ScriptedFault((int)calm[60] + 10, FaultKind.WorkerSlowed, Slow, ForEver, 1_000_000)], out SimulationResult result);

        // The step it stands still in, and those below the limit that stood then: their ranges are three workers' work from the start.
        long calmStep = calm[61] - calm[60];
        long longest = Enumerable.Range(1, Steps - 1).Max(step => instants[step] - instants[step - 1]);
        Assert.InRange(longest, calmStep, 5 * calmStep);
        double after = SlicesPerInstant(Slices, instants, 100, Steps - 1);
        Print(Slices, "stands still", after);
        Assert.True(after >= 0.9 * BestOf(Slices, [1, 1, 1]), $"{after / BestOf(Slices, [1, 1, 1]):P1} of three workers");
        Assert.Empty(result.RunEvents.OfType<MemberGone>());
    }

    [Theory]
    [InlineData(4, 8)]
    [InlineData(4, 32)]
    [InlineData(7, 32)]
    [InlineData(16, 64)]
    public void Equal_workers_with_noise_keep_equal_ranges(int workers, int slices)
    {
        // A block of one slice takes 20 to 60: half of a range's time is noise.
        Run(slices, workers, 40, 20, [], out SimulationResult result);

        Assert.Empty(result.RunEvents.OfType<RangesBalanced>());
        Assert.Empty(result.RunEvents.OfType<RangesBacked>());
        Assert.Equal(0, result.RunEvents.OfType<RunCompleted>().Single().DroppedSamples);
    }

    /// <summary>Slices per instant of three and a tenth workers that lose nothing.</summary>
    private static double ThreeAndATenth => (3 + (1.0 / Factor)) / SliceTime;

    private static double Best(int slices) => BestOf(slices, [Factor, Factor, Factor, 1]) / Factor;

    /// <summary>
    /// The simple twin: the smallest time in which loads of at most two bits, each done in that time, add up to V (subset sums);
    /// as slices per instant.
    /// </summary>
    private static double BestOf(int slices, int[] speeds)
    {
        // Times at which somebody could be done, in units of the time that speed 1 takes for a slice, times all speeds' product.
        int product = speeds.Distinct().Aggregate(1, (all, speed) => all * speed);
        foreach (int time in speeds.Distinct().SelectMany(speed => Enumerable.Range(1, slices).Select(load => load * product / speed)).Distinct().Order())
        {
            HashSet<int> sums = [0];
            foreach (int speed in speeds)
            {
                sums = [.. sums.SelectMany(sum => Enumerable.Range(0, (time * speed / product) + 1)
                    .Where(load => BitOperations.PopCount((uint)load) <= 2 && sum + load <= slices)
                    .Select(load => sum + load))];
            }

            if (sums.Contains(slices))
            {
                return (double)slices * product / time / SliceTime;
            }
        }

        throw new InvalidOperationException($"No loads for {slices} slices.");
    }

    private static double SlicesPerInstant(int slices, long[] instants, int from, int to) =>
        (double)slices * (to - from) / (instants[to] - instants[from]);

    private static long[] CommitInstants(int slices, IReadOnlyList<ScriptedFault> script, out SimulationResult result) =>
        Run(slices, 4, 1, SliceInstants, script, out result);

    /// <summary>When each step was committed.</summary>
    private static long[] Run(int slices, int workers, int computeMax, int sliceInstants, IReadOnlyList<ScriptedFault> script, out SimulationResult result)
    {
        var application = new CountingApplication(new RunPlan { Samples = 2 * slices, Batch = 2 * slices, Slices = slices, Passes = Steps });
        SimulationOptions options = SimulationOptions.Calm(workers, 1);
        options = options with
        {
            Protocol = options.Protocol with { LeashSteps = 8, RetryTicks = 20, ReportTicks = 40, SilenceTicks = 1_000_000 },
            DelayMax = 2,
            ComputeMax = computeMax,
            SliceInstants = sliceInstants,
            Script = script,
        };
        List<long> instants = [];
        result = Simulator.Run(application, options, 5, line =>
        {
            if (line.Contains(" committed: ", StringComparison.Ordinal) && line.Contains("** run", StringComparison.Ordinal))
            {
                instants.Add(long.Parse(line[..8], CultureInfo.InvariantCulture));
            }
        });
        Assert.Equal(application.ExpectedAt(application.Run.End), result.FinalWeights);
        Assert.Equal(Steps, instants.Count);
        return [.. instants];
    }

    private void Print(int slices, string what, double slicesPerInstant) => output.WriteLine(
        $"V = {slices}: {what}: {slicesPerInstant / ThreeAndATenth:P1} of three and a tenth workers, {slicesPerInstant / Best(slices):P1} of the best ranges");
}
