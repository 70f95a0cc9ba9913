namespace DistTrain.Protocol;

/// <summary>What the coordinator decided about an update, beyond the job; the same for all blocks of a step.</summary>
/// <param name="Rate">Factor of the schedule's learning rate (plateau).</param>
/// <param name="Gradient">Factor of the averaged gradient (clipping by the global norm).</param>
public readonly record struct UpdateScale(double Rate, float Gradient)
{
    public static UpdateScale None => new(1, 1);
}
