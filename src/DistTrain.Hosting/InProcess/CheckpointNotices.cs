using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>
/// What people are told of checkpoints: each that is written, and trouble once, when it begins and when it is over. A disk that is full
/// for an hour says so in two lines, not in a thousand.
/// </summary>
/// <param name="pathOf">Where a version's checkpoint lies.</param>
/// <param name="tellsOfSkipping">Somebody asked for checkpoints at certain steps. Epochs that are over in no time need not each have one.</param>
/// <param name="publish">Gets the events.</param>
internal sealed class CheckpointNotices(Func<WeightVersion, string?> pathOf, bool tellsOfSkipping, Action<TrainingEvent> publish)
{
    private int failed;
    private bool toldOfSkipping;

    public void Take(RunEvent happened)
    {
        switch (happened)
        {
            case CheckpointFailed failure when failed++ == 0:
                publish(new RunNotice(
                    $"the checkpoint of step {failure.Version.Value} could not be written; training goes on, and it is tried again: {failure.Reason}"));
                break;
            case CheckpointSkipped skipped when tellsOfSkipping && !toldOfSkipping:
                toldOfSkipping = true;
                publish(new RunNotice(
                    $"the checkpoint of step {skipped.Version.Value} is left out, as others will be: those before it are still being written; a larger run.checkpointEvery asks less of the disk"));
                break;
            case CheckpointCommitted committed:
                Written(committed.Version);
                break;
        }
    }

    private void Written(WeightVersion version)
    {
        if (failed > 0)
        {
            publish(new RunNotice($"the checkpoint of step {version.Value} could be written, after {failed} that could not"));
            failed = 0;
        }

        if (pathOf(version) is { } written)
        {
            publish(new CheckpointWritten(version.Value, written));
        }
    }
}
