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

    private readonly IActorRef singleton;
    private readonly List<EventTold> events = [];
    private readonly List<Channel<FollowedEvent>> followers = [];
    private ReportTold? newest;
    private ClusterReport? report;
    private long authority;
    private long last;

    public ProgressActor(IActorRef singleton) => this.singleton = singleton;

    public static Props Props(IActorRef singleton) =>
        Akka.Actor.Props.Create(() => new ProgressActor(singleton)).WithDispatcher(ClusterDispatchers.Hosts);

    protected override void PreStart() => DistributedPubSub.Get(Context.System).Mediator.Tell(new Subscribe(SingletonActor.Topic, Self));

    protected override void PostStop() => followers.ForEach(follower => follower.Writer.TryComplete());

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

                EndFollowers();
                break;
            case ReportTold told when IsCurrent(told.Authority):
                newest = told;
                report = JsonSerializer.Deserialize<ClusterReport>(told.Report, HostCodec.Options);
                if (told.LastEvent > last)
                {
                    singleton.Tell(new AskEvents(last));
                }

                EndFollowers();
                break;
            case AskNow:
                Sender.Tell(new Now(report));
                break;
            case Follow follow:
                followers.Add(follow.Into);
                foreach (EventTold each in events)
                {
                    Forward(follow.Into, each);
                }

                EndFollowers();
                break;
            case Unfollow unfollow:
                followers.Remove(unfollow.From);
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
        if (happened is RunStarted)
        {
            events.Clear();
        }

        if (happened is not StepProgress)
        {
            events.Add(told);
        }

        foreach (Channel<FollowedEvent> follower in followers.ToList())
        {
            Forward(follower, told);
        }
    }

    private void Forward(Channel<FollowedEvent> follower, EventTold told)
    {
        if (!follower.Writer.TryWrite(new FollowedEvent { Event = JsonSerializer.Deserialize<TrainingEvent>(told.Event, HostCodec.Options) }))
        {
            follower.Writer.TryComplete();
            followers.Remove(follower);
        }
    }

    /// <summary>The run is over, and every event of it was heard.</summary>
    private void EndFollowers()
    {
        if (newest is null || newest.LastEvent > last || report?.State is not (ClusterRunState.Done or ClusterRunState.Diverged or ClusterRunState.Failed))
        {
            return;
        }

        foreach (Channel<FollowedEvent> follower in followers)
        {
            follower.Writer.TryWrite(new FollowedEvent { End = report.State, Failure = report.Failure });
            follower.Writer.TryComplete();
        }

        followers.Clear();
    }

    internal static Channel<FollowedEvent> NewFollower() => Channel.CreateBounded<FollowedEvent>(FollowerMax);

    internal sealed record AskNow
    {
        public static readonly AskNow Instance = new();
    }

    internal sealed record Now(ClusterReport? Report) : INoSerializationVerificationNeeded;

    internal sealed record Follow(Channel<FollowedEvent> Into) : INoSerializationVerificationNeeded;

    internal sealed record Unfollow(Channel<FollowedEvent> From) : INoSerializationVerificationNeeded;
}
