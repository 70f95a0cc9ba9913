using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <summary>
/// What this node has heard of the cluster's run, for whoever asks it. Publications may be lost: a gap in their numbers, or a report that
/// tells of newer ones, makes it ask the singleton.
/// </summary>
internal sealed class ProgressActor : UntypedActor
{
    /// <summary>Events that wait for a follower who does not read; beyond it he is let go.</summary>
    private const int FollowerMax = 20_000;

    /// <summary>Reports of another run after which the one that is followed is over; one may be of the moment before it began.</summary>
    private const int StrangersMax = 5;

    private readonly IActorRef singleton;
    private readonly List<EventTold> events = [];
    private readonly List<Follow> followers = [];
    private string? current;
    private ReportTold? newest;
    private ClusterReport? report;
    private long authority;
    private long last;

    public ProgressActor(IActorRef singleton) => this.singleton = singleton;

    public static Props Props(IActorRef singleton) =>
        Akka.Actor.Props.Create(() => new ProgressActor(singleton)).WithDispatcher(ClusterDispatchers.Hosts);

    protected override void PreStart() => DistributedPubSub.Get(Context.System).Mediator.Tell(new Subscribe(SingletonActor.Topic, Self));

    protected override void PostStop() => followers.ForEach(follower => follower.Into.Writer.TryComplete());

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EventTold told when IsCurrent(told.Authority):
                if (told.Number == last + 1)
                {
                    Add(told);
                }
                else if (told.Number > last)
                {
                    singleton.Tell(new AskEvents(last));
                }

                break;
            case EventsTold told when IsCurrent(told.Authority):
                foreach (EventTold each in told.Events.Where(each => each.Number > last))
                {
                    Add(each);
                }

                EndFollowers(isReport: false);
                break;
            case ReportTold told when IsCurrent(told.Authority):
                newest = told;
                report = JsonSerializer.Deserialize<ClusterReport>(told.Report, HostCodec.Options);
                if (told.LastEvent > last)
                {
                    singleton.Tell(new AskEvents(last));
                }

                EndFollowers(isReport: true);
                break;
            case AskNow:
                Sender.Tell(new Now(report));
                break;
            case Follow follow:
                followers.Add(follow);
                foreach (EventTold each in events)
                {
                    Forward(follow, each);
                }

                EndFollowers(isReport: false);
                break;
            case Unfollow unfollow:
                followers.RemoveAll(follower => follower.Into == unfollow.From);
                break;
        }
    }

    /// <summary>Of a later singleton: what an earlier one said is over; its numbers begin anew.</summary>
    private bool IsCurrent(long told)
    {
        if (told > authority)
        {
            (authority, last, newest, report) = (told, 0, null, null);
            events.Clear();
        }

        return told == authority;
    }

    private void Add(EventTold told)
    {
        last = told.Number;
        TrainingEvent happened = JsonSerializer.Deserialize<TrainingEvent>(told.Event, HostCodec.Options)!;
        if (happened is RunStarted started)
        {
            events.Clear();
            current = Path.GetFileName(started.Run);
        }

        if (happened is not StepProgress)
        {
            events.Add(told);
        }

        foreach (Follow follower in followers.ToList())
        {
            Forward(follower, told);
        }
    }

    private void Forward(Follow follower, EventTold told)
    {
        if (follower.Run is not null && follower.Run != current)
        {
            return;
        }

        TrainingEvent happened = JsonSerializer.Deserialize<TrainingEvent>(told.Event, HostCodec.Options)!;
        if (follower.IsNew(happened) && !follower.Into.Writer.TryWrite(new FollowedEvent { Event = happened }))
        {
            follower.Into.Writer.TryComplete();
            followers.Remove(follower);
        }
    }

    /// <summary>The run is over, and every event of it was heard; or it is not the one that the singleton speaks of, again and again.</summary>
    private void EndFollowers(bool isReport)
    {
        if (newest is null || report is null || newest.LastEvent > last)
        {
            return;
        }

        foreach (Follow follower in followers.ToList())
        {
            if (follower.Run is not null && follower.Run != report.Run)
            {
                follower.Strangers += isReport ? 1 : 0;
                if (follower.Strangers > StrangersMax)
                {
                    End(follower, new FollowedEvent { End = ClusterRunState.Failed, Failure = $"the cluster does not know of {follower.Run} any more; its folder tells how it ended" });
                }
            }
            else if (report.State is ClusterRunState.Done or ClusterRunState.Diverged or ClusterRunState.Failed)
            {
                End(follower, new FollowedEvent { End = report.State, Failure = report.Failure });
            }
        }
    }

    private void End(Follow follower, FollowedEvent end)
    {
        follower.Into.Writer.TryWrite(end);
        follower.Into.Writer.TryComplete();
        followers.Remove(follower);
    }

    internal static Channel<FollowedEvent> NewFollower() => Channel.CreateBounded<FollowedEvent>(FollowerMax);

    internal sealed record AskNow
    {
        public static readonly AskNow Instance = new();
    }

    internal sealed record Now(ClusterReport? Report) : INoSerializationVerificationNeeded;

    /// <param name="run">Which run; null: whichever there is.</param>
    /// <param name="into">Gets its events.</param>
    internal sealed class Follow(string? run, Channel<FollowedEvent> into) : INoSerializationVerificationNeeded
    {
        private string? toldRun;
        private long toldStep;

        public string? Run => run;

        public Channel<FollowedEvent> Into => into;

        public int Strangers { get; set; }

        /// <summary>
        /// A singleton that goes on after a crash computes some steps again and does not know what its predecessor told: an epoch that
        /// ended in them is told once to each follower.
        /// </summary>
        public bool IsNew(TrainingEvent happened)
        {
            if (happened is RunStarted started && started.Run != toldRun)
            {
                (toldRun, toldStep) = (started.Run, 0);
            }

            if (happened is not EpochCompleted epoch)
            {
                return true;
            }

            bool isNew = epoch.Step > toldStep;
            toldStep = Math.Max(toldStep, epoch.Step);
            return isNew;
        }
    }

    internal sealed record Unfollow(Channel<FollowedEvent> From) : INoSerializationVerificationNeeded;
}
