namespace DistTrain.Simulation.Tests;

/// <summary>The seeds that <c>disttrain simulate</c> runs: everything drawn, the weights held against the counts by the simulator.</summary>
public class SimulationCaseTests
{
    [Fact]
    public void Four_hundred_seeds_count_every_slice_once_under_every_fault()
    {
        using var totals = new SimulationTotals();
        for (ulong seed = 0; seed < 400; seed++)
        {
            totals.Add(SimulationCase.Of(seed).Run(CountingApplication.Of(seed)));
        }

        Assert.True(totals.Silent.Count == 0, $"never fired: {string.Join(", ", totals.Silent)}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_twice()
    {
        for (ulong seed = 0; seed < 30; seed++)
        {
            string first = SimulationCase.Of(seed).Run(CountingApplication.Of(seed)).TraceSha256;
            Assert.Equal(first, SimulationCase.Of(seed).Run(CountingApplication.Of(seed)).TraceSha256);
        }
    }

    [Fact]
    public void Without_faults_nothing_fires_but_messages_overtake_nobody()
    {
        SimulationResult result = new SimulationCase(3, 4, 2, []).Run(CountingApplication.Of(3));

        Assert.All(result.Faults, pair => Assert.Equal(0, pair.Value));
    }
}
