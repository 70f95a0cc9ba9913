namespace DistTrain.Training;

/// <summary>Something that happened in a run. The same facts in C#, in --json lines and in metrics.jsonl (<see cref="TrainingEventJson"/>).</summary>
public abstract record TrainingEvent;
