namespace DistTrain.Training;

/// <summary>Gets the events of a run as they happen, one at a time, in order; override what is of interest (Keras: Callback).</summary>
/// <remarks>Training waits while a callback runs. An exception ends the run and reaches the caller of FitAsync.</remarks>
public abstract class TrainingCallback
{
    public virtual void OnStart(RunStarted happened, TrainingControl control)
    {
    }

    public virtual void OnStep(StepProgress happened, TrainingControl control)
    {
    }

    public virtual void OnEpoch(EpochCompleted happened, TrainingControl control)
    {
    }

    public virtual void OnCheckpoint(CheckpointWritten happened, TrainingControl control)
    {
    }

    public virtual void OnDone(RunDone happened)
    {
    }

    /// <summary>Calls the method for the kind of event.</summary>
    public void Dispatch(TrainingEvent happened, TrainingControl control)
    {
        switch (happened)
        {
            case RunStarted start:
                OnStart(start, control);
                break;
            case StepProgress step:
                OnStep(step, control);
                break;
            case EpochCompleted epoch:
                OnEpoch(epoch, control);
                break;
            case CheckpointWritten checkpoint:
                OnCheckpoint(checkpoint, control);
                break;
            case RunDone done:
                OnDone(done);
                break;
        }
    }
}
