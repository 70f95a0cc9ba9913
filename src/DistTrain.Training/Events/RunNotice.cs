namespace DistTrain.Training;

/// <summary>Something a person may want to know: spare workers, a damaged checkpoint that was passed over.</summary>
public sealed record RunNotice(string Message) : TrainingEvent;
