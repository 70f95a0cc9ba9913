using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using DistTrain.Hosting;
using DistTrain.Tensors;
using DistTrain.Training;

namespace DistTrain.Cluster;

/// <content>Runs: submitted, opened, driven to their end, told to everybody.</content>
internal sealed partial class SingletonActor
{
    /// <summary>Events of a run that are kept for those who come late: an epoch has two.</summary>
    private const int EventsMax = 10_000;

    private readonly Queue<EventTold> events = new();
    private EventTold? progress;
    private long lastEvent;

    private void Submit(SubmitRun submit)
    {
        if (state is ClusterRunState.Opening or ClusterRunState.Live)
        {
            Sender.Tell(new RequestRefused($"{runFolder} is live; wait for its end, or 'disttrain stop' it", IsBadInput: false));
            return;
        }

        try
        {
            Job job = JobFile.Parse(submit.JobYaml);
            string name = FreeName(job);
            Open(name, () => PreparedRun.Open(job with { Run = job.Run with { Out = Path.Combine(settings.Runs, name) } }, DataFolders), Sender);
        }
        catch (UserError error)
        {
            Sender.Tell(new RequestRefused(error.Message, IsBadInput: true));
        }
    }

    /// <summary>Reads and checks what the job names: long, off this actor's way.</summary>
    private void Open(string folder, Func<PreparedRun> open, IActorRef asker)
    {
        (state, runFolder, failure, report) = (ClusterRunState.Opening, folder, null, null);
        _ = Task.Run(() =>
        {
            try
            {
                self.Tell(new Prepared(open(), folder, null, asker));
            }
            catch (Exception exception)
            {
                self.Tell(new Prepared(null, folder, exception, asker));
            }
        });
    }

    private void OnPrepared(Prepared prepared)
    {
        try
        {
            PreparedRun ready = prepared.Run ?? throw new UserError(Why(prepared.Failure!), prepared.Failure!);
            TrainingSession session = ready.Begin(
                DateTimeOffset.UtcNow,
                (origin, checkpoints, publish) => new ClusterRun(
                    ready.Task, origin, checkpoints, publish, begun => self.Tell(new BeginRun(begun)), () => self.Tell(new EndRun()), file.MustBeNewest),
                logger: null);
            if (file.Run?.Folder != prepared.Folder)
            {
                file.Save(new LiveRun(prepared.Folder, prepared.Folder));
            }

            prepared.Asker.Tell(new RunTaken(prepared.Folder));
            foreach (string notice in ready.Notices)
            {
                Tell(new RunNotice(notice));
            }

            _ = Task.Run(() => DriveAsync(session));
        }
        catch (Exception exception) when (exception is UserError or IOException or UnauthorizedAccessException)
        {
            prepared.Asker.Tell(new RequestRefused(exception.Message, IsBadInput: true));
            OnSessionEnded(exception);
        }
    }

    private static string Why(Exception failure) =>
        failure is UserError or IOException or UnauthorizedAccessException ? failure.Message : $"{failure}";

    private async Task DriveAsync(TrainingSession session)
    {
        try
        {
            await foreach (TrainingEvent happened in session.RunAsync().ConfigureAwait(false))
            {
                self.Tell(new Happened(happened));
            }

            self.Tell(new SessionEnded(null));
        }
        catch (Exception exception)
        {
            self.Tell(new SessionEnded(exception));
        }
    }

    private void OnSessionEnded(Exception? cause)
    {
        if (runActor is not null)
        {
            Context.Unwatch(runActor);
            Context.Stop(runActor);
        }

        (runActor, run) = (null, null);
        if (cause is DeposedException)
        {
            log.Warning("run {0} goes on elsewhere: {1}", runFolder, cause.Message);
            Context.Stop(self);
            return;
        }

        state = cause is null ? ClusterRunState.Done : cause is TrainingFailedException ? ClusterRunState.Diverged : ClusterRunState.Failed;
        failure = cause is null ? null : Why(cause);
        if (cause is null)
        {
            log.Info("run {0} is done", runFolder);
        }
        else
        {
            log.Error("run {0} has failed: {1}", runFolder, failure);
        }

        file.Save(null);
        TellReport();
        foreach ((_, IActorRef node) in known.Values)
        {
            node.Tell(new DirectNode { Order = new OrderNumber(file.Authority, orders.Next()), Run = "" });
        }
    }

    private void Stop()
    {
        if (runActor is null)
        {
            Sender.Tell(new RequestRefused(state is ClusterRunState.Opening ? $"{runFolder} is about to begin; ask again" : "no run is live", IsBadInput: false));
            return;
        }

        runActor.Forward(new EndRun());
    }

    private void Tell(TrainingEvent happened)
    {
        if (happened is RunStarted)
        {
            events.Clear();
        }

        var told = new EventTold(file.Authority, ++lastEvent, JsonSerializer.SerializeToUtf8Bytes(happened, HostCodec.Options));
        progress = happened is StepProgress ? told : null;
        if (happened is not StepProgress)
        {
            events.Enqueue(told);
            if (events.Count > EventsMax)
            {
                events.Dequeue();
            }
        }

        mediator.Tell(new Publish(Topic, told));
    }

    /// <summary>What matters after the fact, and the last one whatever it is.</summary>
    private List<EventTold> EventsAfter(long after) =>
        [.. events.Concat(progress is { } newest ? [newest] : []).Where(told => told.Number > after)];

    private string FreeName(Job job)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}-{job.Model.Title}");
        string free = name;
        for (int i = 2; Directory.Exists(Path.Combine(settings.Runs, free)); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        }

        return free;
    }
}
