using System.Threading.Channels;
using Akka.Actor;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cluster.Tests;

/// <summary>Several nodes in this process, each an actor system with lanes of its own, and a folder of runs that they share.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>Long enough for a busy machine, short enough to see a hang.</summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromSeconds(180);

    private readonly List<ClusterNode> nodes = [];
    private readonly CancellationTokenSource deadline = new(DurationMax);

    public string Runs { get; } = Directory.CreateTempSubdirectory("disttrain-cluster-").FullName;

    public CancellationToken Deadline => deadline.Token;

    /// <param name="roles">Of the new node.</param>
    /// <param name="more">Settings beside those of <see cref="ClusterSettings"/>.</param>
    public async Task<ClusterNode> AddAsync(string roles, string more = "")
    {
        ClusterNode node = await ClusterNode.StartAsync(ClusterSettings.Of(roles, Runs, nodes.Count == 0 ? null : nodes[0].Address) + "\n" + more, Deadline);
        nodes.Add(node);
        return node;
    }

    /// <summary>The node is gone from one moment to the next, as far as the others can tell.</summary>
    public async Task CrashAsync(ClusterNode node)
    {
        await node.System.Terminate().WaitAsync(Deadline);
        nodes.Remove(node);
    }

    public async Task LeaveAsync(ClusterNode node)
    {
        await node.LeaveAsync().WaitAsync(Deadline);
        nodes.Remove(node);
    }

    /// <summary>Submits the small job through a node and follows it there.</summary>
    public async Task<FollowedRun> SubmitAsync(ClusterNode node, string yaml)
    {
        object answer = await node.System.ActorSelection("/user/to-singleton").Ask<object>(new SubmitRun(yaml), Deadline);
        string run = Assert.IsType<RunTaken>(answer).Run;
        Channel<FollowedEvent> channel = ProgressActor.NewFollower();
        node.System.ActorSelection("/user/progress").Tell(new ProgressActor.Follow(run, channel));
        return new FollowedRun(node, channel, Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(nodes.Select(node => node.System.Terminate()));
        deadline.Dispose();
        Directory.Delete(Runs, recursive: true);
    }

    /// <summary>A run as one of the nodes tells it.</summary>
    internal sealed class FollowedRun(ClusterNode node, Channel<FollowedEvent> events, CancellationToken deadline)
    {
        private readonly List<TrainingEvent> seen = [];

        public long Step { get; private set; }

        public IReadOnlyList<TrainingEvent> Seen => seen;

        /// <summary>Reads on until a step is committed; fails when the run has ended before.</summary>
        public Task UntilStepAsync(long step) => UntilAsync(() => Task.FromResult(Step >= step));

        /// <summary>Reads on until the cluster's report says so; one is looked at with each event.</summary>
        public Task UntilReportAsync(Func<ClusterReport, bool> condition) => UntilAsync(async () => await ReportAsync() is { } report && condition(report));

        public async Task<ClusterReport?> ReportAsync() =>
            (await node.System.ActorSelection("/user/progress").Ask<ProgressActor.Now>(ProgressActor.AskNow.Instance, deadline)).Report;

        /// <summary>Reads on to the end.</summary>
        /// <returns>Hash of the weights.</returns>
        public async Task<string> ToEndAsync()
        {
            FollowedEvent last;
            do
            {
                last = await NextAsync();
            }
            while (last.End is null);
            Assert.True(last.End == ClusterRunState.Done, $"{last.End}: {last.Failure}");
            return seen.OfType<RunDone>().Single().WeightsSha256;
        }

        private async Task UntilAsync(Func<Task<bool>> condition)
        {
            while (!await condition())
            {
                FollowedEvent next = await NextAsync();
                Assert.True(next.End is null && next.Event is not RunDone, $"the run ended before it came so far: {next.End} {next.Failure}, step {Step}");
            }
        }

        private async Task<FollowedEvent> NextAsync()
        {
            FollowedEvent next = await events.Reader.ReadAsync(deadline);
            if (next.Event is { } happened)
            {
                seen.Add(happened);
                Step = (happened as StepProgress)?.Step ?? Step;
            }

            return next;
        }
    }
}
