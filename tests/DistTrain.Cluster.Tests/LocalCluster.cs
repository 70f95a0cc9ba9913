using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using DistTrain.Hosting;
using DistTrain.Training;
using AkkaCluster = Akka.Cluster.Cluster;

namespace DistTrain.Cluster.Tests;

/// <summary>Several nodes in this process, each an actor system with lanes of its own, and a folder of runs that they share.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>Long enough for a busy machine, short enough to see a hang.</summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(5);

    private readonly List<ClusterNode> nodes = [];
    private readonly CancellationTokenSource deadline = new(DurationMax);

    /// <param name="hold">Step at which runs are held until the gate is opened.</param>
    public LocalCluster(long hold = long.MaxValue) => Gate = new StepGate(hold);

    public string Runs { get; } = Directory.CreateTempSubdirectory("disttrain-cluster-").FullName;

    public CancellationToken Deadline => deadline.Token;

    /// <summary>Of the workers of all nodes.</summary>
    public StepGate Gate { get; }

    public IReadOnlyList<ClusterNode> Nodes => nodes;

    /// <param name="roles">Of the new node.</param>
    /// <param name="more">Settings beside those of <see cref="ClusterSettings"/>.</param>
    /// <param name="change">Laid over them; null: nothing.</param>
    public async Task<ClusterNode> AddAsync(string roles, string more = "", Func<NodeSettings, NodeSettings>? change = null)
    {
        ClusterNode node = await ClusterNode.StartAsync(
            ClusterSettings.Of(roles, Runs, nodes.Count == 0 ? null : nodes[0].Address) + "\n" + more,
            loggers: null,
            settings => (change?.Invoke(settings) ?? settings) with { OnComputed = Gate.Pass },
            Deadline);
        nodes.Add(node);
        return node;
    }

    /// <summary>The node is gone from one moment to the next, and another one is told so: nobody has to find out.</summary>
    public async Task CrashAsync(ClusterNode node)
    {
        await CrashUnnoticedAsync(node);
        AkkaCluster.Get(nodes[0].System).Down(Akka.Actor.Address.Parse(node.Address));
    }

    /// <summary>The node is gone from one moment to the next, as far as the others can tell.</summary>
    public async Task CrashUnnoticedAsync(ClusterNode node)
    {
        await node.System.Terminate().WaitAsync(Deadline);
        nodes.Remove(node);
    }

    public async Task LeaveAsync(ClusterNode node)
    {
        await node.LeaveAsync().WaitAsync(Deadline);
        nodes.Remove(node);
    }

    /// <summary>Submits a job through a node and follows it there.</summary>
    public async Task<FollowedRun> SubmitAsync(ClusterNode node, string yaml)
    {
        object answer = await node.System.ActorSelection("/user/to-singleton").Ask<object>(new SubmitRun(yaml), Deadline);
        string run = Assert.IsType<RunTaken>(answer).Run;
        return Follow(node, run);
    }

    public FollowedRun Follow(ClusterNode node, string run)
    {
        Channel<FollowedEvent> events = ProgressActor.NewFollower();
        node.System.ActorSelection("/user/progress").Tell(new ProgressActor.Follow(run, events));
        Channel<ClusterReport> reports = Channel.CreateUnbounded<ClusterReport>();
        node.System.ActorOf(Props.Create(() => new ReportListener(reports.Writer)));
        return new FollowedRun(run, events, reports, Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Open();
        await Task.WhenAll(nodes.Select(node => node.System.Terminate()));
        deadline.Dispose();
        Directory.Delete(Runs, recursive: true);
    }

    /// <summary>A run as one of the nodes tells it.</summary>
    internal sealed class FollowedRun(string name, Channel<FollowedEvent> events, Channel<ClusterReport> reports, CancellationToken deadline)
    {
        private readonly List<TrainingEvent> seen = [];
        private ClusterReport? newest;

        public string Name => name;

        public IReadOnlyList<TrainingEvent> Seen => seen;

        /// <summary>Reads the cluster's reports, which come once a second, until one says so.</summary>
        public async Task<ClusterReport> UntilReportAsync(Func<ClusterReport, bool> condition)
        {
            try
            {
                do
                {
                    newest = await reports.Reader.ReadAsync(deadline);
                }
                while (!condition(newest));
                return newest;
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no such report; the newest: {JsonSerializer.Serialize(newest, HostCodec.Options)}");
            }
        }

        /// <summary>Reads on to the next event of a kind.</summary>
        public async Task UntilAsync<T>()
            where T : TrainingEvent
        {
            while ((await NextAsync()) is var next && next.Event is not T)
            {
                Assert.True(next.End is null, $"the run has ended without {typeof(T).Name}");
            }
        }

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

        private async Task<FollowedEvent> NextAsync()
        {
            try
            {
                FollowedEvent next = await events.Reader.ReadAsync(deadline);
                seen.AddRange(next.Event is { } happened ? [happened] : []);
                return next;
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no end; the last of {seen.Count} events: {string.Join(", ", seen.TakeLast(5))}");
            }
        }
    }

    private sealed class ReportListener : UntypedActor
    {
        private readonly ChannelWriter<ClusterReport> reports;

        public ReportListener(ChannelWriter<ClusterReport> reports)
        {
            this.reports = reports;
            DistributedPubSub.Get(Context.System).Mediator.Tell(new Subscribe(SingletonActor.Topic, Self));
        }

        protected override void OnReceive(object message)
        {
            if (message is ReportTold told)
            {
                reports.TryWrite(JsonSerializer.Deserialize<ClusterReport>(told.Report, HostCodec.Options)!);
            }
        }
    }
}
