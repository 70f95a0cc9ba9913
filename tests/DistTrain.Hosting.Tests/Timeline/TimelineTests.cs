using DistTrain.Protocol;
using DistTrain.Tensors;
using DistTrain.TestKit;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

public sealed class TimelineTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_local_engine_writes_where_its_steps_went()
    {
        TrainingTask task = TestTasks.Task(
            TestTasks.Branching + "train: { epochs: 2, batch: 8, slices: 4, optimizer: { adam: 0.01 } }\nrun: { workers: 2, servers: 1, threads: 1, checkpointEvery: 5 }\n", validation: 20);
        Checkpoint end;
        using (var run = new InProcessRun(task, task.Start(), folder: null, _ => { }, timeline: new TimelineFile(folder["trace.json"])))
        {
            run.Start();
            end = await run.Completion.WaitAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(WeightsHash.Sha256(new LocalTrainer(task).Run().Weights), WeightsHash.Sha256(end.Weights));
        var trace = Trace.Read(folder["trace.json"]);
        Assert.Empty(trace.Crossings(slack: 0.002));
        Assert.Equal("train", Assert.Single(trace.Processes).Value);
        Assert.Equal(["checkpoints", "coordinator", "server 0", "worker 0", "worker 1"], trace.Lines.Values.Order());
        int steps = (int)task.Steps.TotalSteps;
        Assert.Equal(Enumerable.Range(0, steps), Steps(trace, "range"));
        Assert.Equal(Enumerable.Range(0, steps), Steps(trace, "update"));
        int blocks = new TaskPlan(task).Blocks.Blocks.Count;
        Assert.Equal(steps * blocks, trace.Events.Count(each => each.Name == "update"));
        // A push that is answered late is said again.
        Assert.Equal(Pushes(trace, "push"), Pushes(trace, "receive"));
        Assert.All(["forward", "backward", "evaluate", "publish", "gather", "checkpoint", "worker 0 joined"], name => Assert.Contains(trace.Events, each => each.Name == name));
    }

    [Fact]
    public void The_file_is_whole_after_every_write()
    {
        using var file = new TimelineFile(folder["trace.json"]);
        Assert.Empty(Trace.Read(folder["trace.json"]).Events);
        file.Name(1, "worker 0");
        for (int i = 1; i <= 3; i++)
        {
            file.Add(1, [new Span(SpanKind.Push, MachineId.Worker(0), 1000, 2000) { At = i, Item = 4, First = 2, Count = 2 }]);
            var trace = Trace.Read(folder["trace.json"]);
            Assert.Equal(i, trace.Events.Count);
            Assert.Equal("worker 0", trace.Processes[1]);
            Assert.Equal((i, 4, 2, 2), (trace.Events[^1].Arguments["step"], trace.Events[^1].Arguments["block"], trace.Events[^1].Arguments["slice"], trace.Events[^1].Arguments["slices"]));
            Assert.Equal(1, trace.Events[^1].End - trace.Events[^1].Begin, 3);
        }
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_named()
    {
        File.WriteAllText(folder["file"], "");
        UserError error = Assert.Throws<UserError>(() => new TimelineFile(folder["file", "trace.json"]));
        Assert.Contains("--timeline", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_buffer_counts_what_it_loses()
    {
        var buffer = new SpanBuffer();
        for (int i = 0; i < SpanBuffer.SpansMax + 3; i++)
        {
            buffer.Add(new Span(SpanKind.Push, MachineId.Worker(0), i, i));
        }

        Assert.Equal(3, buffer.Lost);
        Assert.Equal(SpanBuffer.SpansMax, buffer.Drain().Count);
        Assert.Empty(buffer.Drain());
    }

    [Fact]
    public void Spans_travel_unchanged_and_other_bytes_are_refused()
    {
        Span[] spans =
        [
            new(SpanKind.Receive, MachineId.Server(7), -5, long.MaxValue) { At = 3, Item = 2, First = 1, Count = 4 },
            new(SpanKind.Clock, MachineId.Coordinator, 1, 1),
            new(SpanKind.Push, MachineId.Worker(int.MaxValue), long.MinValue, 0) { At = long.MaxValue },
        ];
        byte[] bytes = SpanCodec.Encode(spans);
        Assert.Equal(spans, SpanCodec.Decode(bytes));
        Assert.Throws<InvalidDataException>(() => SpanCodec.Decode(bytes.AsSpan(1)));
        foreach (byte first in new byte[] { 0xff, 3, 14 << 2 })
        {
            bytes[0] = first;
            Assert.Throws<InvalidDataException>(() => SpanCodec.Decode(bytes));
        }

        Assert.InRange(SpanCodec.SpansMax * SpanCodec.SpanBytes, 1, HostCodec.BulkBytesMax);
    }

    private static IEnumerable<(double Step, double Block, double Slice)> Pushes(Trace trace, string name) => trace.Events.Where(each => each.Name == name)
        .Select(each => (each.Arguments["step"], each.Arguments["block"], each.Arguments["slice"])).Distinct().Order();

    private static IEnumerable<int> Steps(Trace trace, string name) =>
        trace.Events.Where(each => each.Name == name).Select(each => (int)each.Arguments["step"]).Distinct().Order();
}
