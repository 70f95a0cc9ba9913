using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Lengths of a run's buffers against what the plan will read.</summary>
internal static class RunCheck
{
    public static void Check(GraphPlan plan, in ForwardRun run)
    {
        if (run.Rows < 1 || run.Rows > plan.MaxRows)
        {
            throw new ArgumentOutOfRangeException(nameof(run), run.Rows, $"The plan takes 1 to {plan.MaxRows} rows.");
        }

        IReadOnlyList<Node> inputs = plan.Graph.Inputs;
        if (run.Inputs.Length != inputs.Count)
        {
            throw new ArgumentException($"The graph has {inputs.Count} inputs, the run {run.Inputs.Length}.", nameof(run));
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            Expect(inputs[i].Name, run.Inputs[i].Length, run.Rows, inputs[i].Shape.Length);
        }

        if (run.Parameters.Length != plan.Graph.Parameters.Count)
        {
            throw new ArgumentException($"The graph has {plan.Graph.Parameters.Count} parameters, the run {run.Parameters.Length}.", nameof(run));
        }

        if (plan.Purpose != PlanPurpose.Prediction)
        {
            Expect("targets", run.Targets.Length, run.Rows, plan.Of(plan.Target).TargetLength);
            Expect("sample weights", run.SampleWeights.Length, run.Rows, run.SampleWeights.IsEmpty ? 0 : 1);
        }

        if (run.Slices is { } slices && slices.Rows != run.Rows)
        {
            throw new ArgumentException($"The slices cover {slices.Rows} rows, the run has {run.Rows}.", nameof(run));
        }

        if (plan.Purpose == PlanPurpose.Training)
        {
            Expect("sample indices", run.SampleIndices.Length, run.Rows, 1);
        }
    }

    private static void Expect(string what, int found, int rows, int perSample)
    {
        if (found != rows * perSample)
        {
            throw new ArgumentException($"'{what}' needs {rows} x {perSample} values, not {found}.");
        }
    }
}
