using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using DistTrain.Hosting;
using DistTrain.Training;
using AkkaTestKit = Akka.TestKit.Xunit2.TestKit;

namespace DistTrain.Cluster.Tests;

public sealed class ProgressActorTests() : AkkaTestKit(ConfigurationFactory.ParseString(Settings))
{
    private static readonly string Settings = ClusterSettings.Of("worker", Path.GetTempPath()) + "\nakka.loglevel = OFF\n";

    [Fact]
    public void A_gap_in_the_events_makes_it_ask_for_what_is_missing_and_the_follower_gets_all_in_order()
    {
        (IActorRef progress, Channel<FollowedEvent> follower) = Start();
        progress.Tell(Told(1, 1, Started()));
        progress.Tell(Told(1, 3, Epoch(2)));

        Assert.Equal(1, ExpectMsg<AskEvents>().After);
        progress.Tell(new EventsTold(1, [Told(1, 2, Epoch(1)), Told(1, 3, Epoch(2))]));
        progress.Tell(Report(1, 3));

        Assert.Equal(["start", "1", "2", "end"], ToEnd(follower));
    }

    [Fact]
    public void An_epoch_that_a_successor_measures_again_is_told_once()
    {
        (IActorRef progress, Channel<FollowedEvent> follower) = Start();
        progress.Tell(Told(1, 1, Started()));
        progress.Tell(Told(1, 2, Epoch(1)));
        progress.Tell(Told(1, 3, Epoch(2)));

        progress.Tell(Told(2, 1, Started()));
        progress.Tell(Told(2, 2, Epoch(2)));
        progress.Tell(Told(2, 3, Epoch(3)));
        progress.Tell(Report(2, 3));

        Assert.Equal(["start", "1", "2", "start", "3", "end"], ToEnd(follower));
    }

    [Fact]
    public void What_a_deposed_singleton_still_says_is_not_heard()
    {
        (IActorRef progress, Channel<FollowedEvent> follower) = Start();
        progress.Tell(Told(2, 1, Started()));

        progress.Tell(Told(1, 2, Epoch(1)));
        progress.Tell(Report(1, 2));
        progress.Tell(Told(2, 2, Epoch(4)));
        progress.Tell(Report(2, 2));

        Assert.Equal(["start", "4", "end"], ToEnd(follower));
    }

    private (IActorRef Progress, Channel<FollowedEvent> Follower) Start()
    {
        IActorRef progress = Sys.ActorOf(ProgressActor.Props(TestActor));
        Channel<FollowedEvent> follower = ProgressActor.NewFollower();
        progress.Tell(new ProgressActor.Follow("run", follower));
        return (progress, follower);
    }

    private static RunStarted Started() => new()
    {
        Model = "cnn",
        Data = "digits",
        Parameters = 10,
        TrainSamples = 100,
        ValidationSamples = 0,
        Epochs = 5,
        TotalSteps = 50,
        Batch = 10,
        Slices = 2,
        Workers = 1,
        Servers = 1,
        Threads = 1,
        JobSha256 = "job",
        Run = "/runs/run",
    };

    private static EpochCompleted Epoch(int number) => new() { Epoch = number, Step = 10 * number, Train = new EvaluationResult(1, "accuracy", 1, 100) };

    private static EventTold Told(long authority, long number, TrainingEvent happened) =>
        new(authority, number, JsonSerializer.SerializeToUtf8Bytes(happened, HostCodec.Options));

    private static ReportTold Report(long authority, long lastEvent) => new(
        authority, lastEvent, JsonSerializer.SerializeToUtf8Bytes(new ClusterReport { Members = [], Run = "run", State = ClusterRunState.Done }, HostCodec.Options));

    /// <summary>The follower's channel is completed by its end.</summary>
    private static string[] ToEnd(Channel<FollowedEvent> follower) => [.. follower.Reader.ReadAllAsync().ToBlockingEnumerable().Select(each => each.Event switch
    {
        RunStarted => "start",
        EpochCompleted epoch => $"{epoch.Epoch}",
        null => "end",
        _ => each.Event.GetType().Name,
    })];
}
