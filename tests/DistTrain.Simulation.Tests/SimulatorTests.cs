using DistTrain.Protocol;
using DistTrain.Protocol.Tests;

namespace DistTrain.Simulation.Tests;

public class SimulatorTests
{
    private static readonly RunPlan Plan = new()
    {
        Samples = 27,
        Batch = 12,
        Slices = 8,
        Passes = 4,
        Evaluations = [new EvaluationSet("validation", 9, 4, EvaluationTiming.EveryPass), new EvaluationSet("test", 5, 5, EvaluationTiming.AtEnd)],
    };

    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);

    private static readonly (float[] Weights, List<PassTotals> Passes) Oracle = Job.Oracle(Plan.End.Value);

    [Fact]
    public void Whatever_happens_the_final_weights_are_the_oracles()
    {
        const int Seeds = 240;
        var fired = Enum.GetValues<FaultKind>().ToDictionary(kind => kind, _ => 0L);
        for (int seed = 0; seed < Seeds; seed++)
        {
            int workers = 1 + (seed % 11);
            int servers = 1 + (seed / 11 % 4);
            SimulationResult result = Simulator.Run(
                new LinearApplication(Job), SimulationOptions.Faulty(workers, servers, (ulong)seed), (ulong)seed);

            Assert.True(Oracle.Weights.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the weights are not the oracle's");
            Assert.Equal(Oracle.Passes, result.RunEvents.OfType<PassCompleted>().GroupBy(pass => pass.Version).Select(pass => pass.Last().Totals));
            Assert.Equal(Plan.Samples * Plan.Passes, result.RunEvents.OfType<RunCompleted>().Single().CommittedSamples);
            foreach ((FaultKind kind, long count) in result.Faults)
            {
                fired[kind] += count;
            }
        }

        // A kind that never fires would prove nothing; stopping has its own test.
        Assert.All(fired.Where(pair => pair.Key != FaultKind.RunStopped), pair => Assert.True(pair.Value > 0, $"{pair.Key} never fired"));
    }

    [Fact]
    public void Every_slice_of_every_step_is_committed_exactly_once()
    {
        // A batch smaller than the slices at the end of each pass: absent slices must stay absent.
        RunPlan plan = Plan with { Slices = 16, Evaluations = [] };
        var application = new CountingApplication(plan);
        for (ulong seed = 1000; seed < 1100; seed++)
        {
            SimulationResult result = Simulator.Run(application, SimulationOptions.Faulty(1 + (int)(seed % 20), 1 + (int)(seed % 3), seed), seed);
            Assert.Equal(application.ExpectedAt(plan.End), result.FinalWeights);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        SimulationResult Run(ulong seed) => Simulator.Run(new LinearApplication(Job), SimulationOptions.Faulty(5, 3, 42), seed);

        SimulationResult first = Run(7);
        Assert.Equal(first.TraceSha256, Run(7).TraceSha256);
        SimulationResult other = Run(8);
        Assert.NotEqual(first.TraceSha256, other.TraceSha256);
        Assert.Equal(first.WeightsSha256, other.WeightsSha256);
    }

    [Fact]
    public void A_calm_run_computes_nothing_twice_and_loses_nobody()
    {
        SimulationResult result = Simulator.Run(new LinearApplication(Job), SimulationOptions.Calm(4, 2), 1);

        Assert.Equal(Oracle.Weights, result.FinalWeights);
        Assert.All(result.Faults.Where(pair => pair.Key != FaultKind.MessageOvertaken), pair => Assert.Equal(0, pair.Value));
        Assert.Empty(result.RunEvents.OfType<MemberGone>());
    }

    [Fact]
    public void A_run_stopped_under_faults_resumes_to_the_same_bits()
    {
        for (ulong seed = 2000; seed < 2030; seed++)
        {
            SimulationOptions options = SimulationOptions.Faulty(1 + (int)(seed % 5), 1 + (int)(seed % 3), seed);
            SimulationResult stopped = Simulator.Run(
                new LinearApplication(Job), options with { StopAfterSteps = (long)(seed % 7), ServerKills = 0, ShardFailedPerMille = 0 }, seed);
            Assert.Equal(1, stopped.Faults[FaultKind.RunStopped]);
            SimulationResult resumed = stopped.FinalVersion == Plan.End ? stopped : Simulator.Run(
                new LinearApplication(Job),
                SimulationOptions.Faulty(1 + (int)(seed % 4), 1 + (int)(seed % 2), seed + 1) with
                {
                    Start = stopped.Storage.StartAt(stopped.FinalVersion),
                    Storage = stopped.Storage,
                },
                seed);

            Assert.Equal(Plan.End, resumed.FinalVersion);
            Assert.True(Oracle.Weights.AsSpan().SequenceEqual(resumed.FinalWeights), $"seed {seed}: the resumed weights are not the oracle's");
        }
    }

    [Fact]
    public void Whoever_computes_wrong_is_named_and_dropped_and_nobody_else()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            SimulationOptions options = SimulationOptions.Calm(3 + (int)(seed % 4), 1 + (int)(seed % 3));
            options = options with { Protocol = options.Protocol with { AuditShare = 1, AuditSeed = seed }, Script = [new ScriptedFault(20, FaultKind.WorkerComputesWrong)] };
            SimulationResult result = Simulator.Run(new LinearApplication(Job), options, seed);

            Assert.Equal(Oracle.Weights, result.FinalWeights);
            Assert.Equal(1, result.Faults[FaultKind.WorkerComputesWrong]);
            WorkerNamed named = Assert.Single(result.RunEvents.OfType<WorkerNamed>());
            MemberGone gone = Assert.Single(result.RunEvents.OfType<MemberGone>());
            Assert.Equal(named.Worker, gone.Member);
            Assert.StartsWith("computes wrong", gone.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Audits_under_every_other_fault_cost_no_bit_and_name_the_wrong_worker_in_most_runs()
    {
        int named = 0, spoiled = 0;
        for (ulong seed = 3000; seed < 3120; seed++)
        {
            SimulationOptions options = SimulationOptions.Faulty(12, 1 + (int)(seed % 4), seed);
            options = options with { Protocol = options.Protocol with { AuditShare = 1, AuditSeed = seed }, Partitions = 0, WrongWorkers = 1 };
            SimulationResult result = Simulator.Run(new LinearApplication(Job), options, seed);

            Assert.True(Oracle.Weights.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the weights are not the oracle's");
            named += result.RunEvents.OfType<WorkerNamed>().Count();
            spoiled += (int)result.Faults[FaultKind.WorkerComputesWrong];
        }

        // In the other runs it died or left before a second and third value had come.
        Assert.InRange(spoiled, 60, 120);
        Assert.InRange(named, spoiled * 3 / 4, spoiled);
    }

    /// <summary>Weights need three times as long on a line as a machine first waits for an answer: what is said again must not fill the line.</summary>
    [Fact]
    public void Saturated_lines_slow_a_run_down_but_do_not_starve_it()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            SimulationOptions options = SimulationOptions.Calm(3, 2);
            options = options with { LineInstants = 3 * options.Protocol.RetryTicks * options.InstantsPerTick, EventsMax = 100_000 };
            SimulationResult result = Simulator.Run(new LinearApplication(Job), options, seed);

            Assert.Equal(Oracle.Weights, result.FinalWeights);
            Assert.True(result.Faults[FaultKind.MessageQueued] > 0);
        }
    }

    [Fact]
    public void A_failure_names_its_seed_and_the_last_events()
    {
        SimulationOptions options = SimulationOptions.Calm(2, 1) with { EventsMax = 100 };
        SimulationFailedException failure = Assert.Throws<SimulationFailedException>(
            () => Simulator.Run(new LinearApplication(Job), options, 77));

        Assert.Equal(77UL, failure.Seed);
        Assert.Contains("No end after 101 events", failure.Message, StringComparison.Ordinal);
        Assert.Contains("worker", failure.Message, StringComparison.Ordinal);
    }
}
