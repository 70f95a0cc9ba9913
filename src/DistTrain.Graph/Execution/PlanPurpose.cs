namespace DistTrain.Graph;

/// <summary>What a plan is for; decides which nodes run and what is kept.</summary>
public enum PlanPurpose
{
    /// <summary>Forward to the loss with dropout, then backward.</summary>
    Training,

    /// <summary>Forward to the loss, without dropout.</summary>
    Evaluation,

    /// <summary>Forward to the output, without dropout.</summary>
    Prediction,
}
