using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>The memory of an executor and the run it is in: what contexts look into.</summary>
internal sealed class ExecutionState
{
    private readonly FloatBuffer arena;
    private readonly ReadOnlyMemory<float>[] parameters;
    private ForwardRun run;

    public ExecutionState(GraphPlan plan, ForkJoinPool pool)
    {
        Plan = plan;
        Pool = pool;
        arena = new FloatBuffer(plan.ArenaFloats);
        parameters = new ReadOnlyMemory<float>[plan.Graph.Parameters.Count];
    }

    public GraphPlan Plan { get; }

    public ForkJoinPool Pool { get; }

    /// <summary>The last forward pass that began.</summary>
    public ref readonly ForwardRun Run => ref run;

    public int Rows => Run.Rows;

    /// <summary>Of the backward pass that is running.</summary>
    public SliceTree? Slices { get; set; }

    /// <summary>Of the backward pass that is running.</summary>
    public IGradientSink? Sink { get; set; }

    public Span<float> Arena(int offset, int perSample, int rows) => arena.Span.Slice(offset, perSample * rows);

    public Span<float> WholeArena => arena.Span;

    public ReadOnlySpan<float> ValueOf(Node node, int firstRow, int rows)
    {
        NodePlan plan = Plan.Of(node);
        int length = node.Shape.Length;
        return plan.ExternalInput >= 0
            ? Run.Inputs[plan.ExternalInput].Span.Slice(firstRow * length, rows * length)
            : arena.Span.Slice(plan.Output + (firstRow * length), rows * length);
    }

    public Span<float> ValueForWriting(NodePlan plan) => Arena(plan.Output, plan.Node.Shape.Length, Rows);

    public ReadOnlySpan<float> ParameterOf(Parameter parameter) => parameters[parameter.Index].Span;

    public void Begin(in ForwardRun next)
    {
        run = next;
        Array.Clear(parameters);
    }

    /// <summary>Waits for the parameter unless this pass has it already.</summary>
    public void Admit(Parameter parameter)
    {
        if (!parameters[parameter.Index].IsEmpty)
        {
            return;
        }

        Run.Gate?.WaitFor(parameter.Index);
        ReadOnlyMemory<float> values = Run.Parameters[parameter.Index];
        if (values.Length != parameter.Shape.Length)
        {
            throw new InvalidOperationException($"'{parameter.Name}' {parameter.Shape} was given {values.Length} floats.");
        }

        parameters[parameter.Index] = values;
    }
}
