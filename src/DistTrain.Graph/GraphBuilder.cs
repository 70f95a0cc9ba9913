using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// Builds a <see cref="ModelGraph"/> from values: <c>var x = b.Input(28, 28, 1); var y = b.Conv2D(x, 32, 3); b.Build(b.Add(y, z))</c>.
/// A value may be used any number of times. Shapes are checked as layers are added.
/// </summary>
/// <remarks>The order of the calls is the graph order: of the parameters, and of sums over the users of a value.</remarks>
public sealed partial class GraphBuilder
{
    private readonly List<Node> nodes = [];
    private readonly LayerNames names = new();

    /// <summary>Last node of a layer -> its nodes: the op and, if it has one, its activation.</summary>
    private readonly Dictionary<Node, Node[]> layers = [];

    /// <summary>Last nodes of layers that are several.</summary>
    private readonly HashSet<Node> composites = [];

    private int parameterCount;

    /// <summary>Parameters so far.</summary>
    public int ParameterCount => parameterCount;

    /// <summary>Where samples of this shape enter.</summary>
    /// <param name="shape">Without the batch: (28, 28, 1).</param>
    public Value Input(params ReadOnlySpan<int> shape) => Input(new Shape(shape));

    /// <inheritdoc cref="Input(ReadOnlySpan{int})"/>
    public Value Input(Shape shape, string? name = null) => Apply(new Input(shape), [], name);

    /// <summary>A new layer on one value.</summary>
    public Value Apply(Op op, Value input, string? name = null) => Apply(op, [input], name);

    /// <summary>A new layer: the op with parameters of its own, then its activation.</summary>
    /// <param name="op">May be applied again elsewhere; parameters belong to the layer, not to the op.</param>
    /// <param name="inputs">Of this builder, as many as the op takes.</param>
    /// <param name="name">Null: the op's kind, counted.</param>
    /// <exception cref="UserError">A shape doesn't fit or the name is taken; nothing was added.</exception>
    public Value Apply(Op op, ReadOnlySpan<Value> inputs, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(op);
        Node[] sources = Sources(inputs);
        string chosen = names.Choose(op.Kind, name);
        if (op is CompositeLayer composite)
        {
            if (inputs.Length != op.Arity)
            {
                throw new UserError($"{op} '{chosen}' takes {op.Arity} input(s), not {inputs.Length}.");
            }

            Value last = composite.Expand(this, inputs, chosen);
            composites.Add(last.Node);
            return last;
        }

        return AddLayer(op, op.Activation, chosen, sources, sharedWith: null);
    }

    /// <summary>
    /// The layer that gave <paramref name="layer"/> once more, on another input and with the same parameters (Keras: calling a layer
    /// object twice). Its gradients are added, first use first.
    /// </summary>
    /// <param name="layer">What Apply returned for the layer.</param>
    /// <param name="input">Of the shape that the parameters were made for.</param>
    public Value Again(Value layer, Value input)
    {
        Node[] source = Sources([layer, input]);
        Node[] first = layers[source[0]];
        if (composites.Contains(source[0]))
        {
            throw new UserError($"'{source[0].Name}' is several layers, which can't be applied once more together: apply each.");
        }

        if (first[0].Parameters.Any(parameter => parameter.Rule.Kind == ParameterRuleKind.RunningStatistics))
        {
            throw new UserError($"'{first[0].Name}' ({first[0].Op}) keeps running statistics of one input and can't be applied to another: make a layer for it.");
        }

        int use = 2;
        while (names.IsTaken($"{first[0].Name}@{use}"))
        {
            use++;
        }

        string name = $"{first[0].Name}@{use}";
        return AddLayer(first[0].Op, first.Length > 1 ? (Activation)first[1].Op : null, name, [source[1]], first[0]);
    }

    /// <summary>The graph whose prediction is <paramref name="output"/>.</summary>
    /// <exception cref="UserError">A layer doesn't lead to the output.</exception>
    public ModelGraph Build(Value output)
    {
        Node last = Sources([output])[0];
        HashSet<Node> needed = GraphOrder.Ancestors(last);
        foreach (Node node in nodes)
        {
            if (!needed.Contains(node) && node.Op is not Mask)
            {
                throw new UserError($"'{node.Name}' ({node.Op} {node.Shape}) doesn't lead to the output '{last.Name}': remove it or use its value.");
            }
        }

        return new ModelGraph([.. nodes], last, lossNode: null);
    }

    /// <summary>Checks everything first, so that a refused layer leaves no trace.</summary>
    private Value AddLayer(Op op, Activation? activation, string name, Node[] inputs, Node? sharedWith)
    {
        Node? mask = op.MakesMask is Mask make ? CreateNode(nodes.Count, make, $"{name}/{make.Kind}", inputs, sharedWith: null) : null;
        int next = nodes.Count + (mask is null ? 0 : 1);
        Node[] layer = [CreateNode(next, op, name, inputs, sharedWith, mask)];
        if (activation is not null)
        {
            layer = [layer[0], CreateNode(next + 1, activation, $"{name}/{activation.Kind}", layer, sharedWith: null)];
        }

        foreach (Node node in mask is null ? layer : [mask, .. layer])
        {
            names.Take(node.Name);
            nodes.Add(node);
        }

        parameterCount += sharedWith is null ? layer[0].Parameters.Count : 0;
        layers[layer[^1]] = layer;
        return new Value(this, layer[^1]);
    }

    private Node CreateNode(int index, Op op, string name, Node[] inputs, Node? sharedWith, Node? mask = null)
    {
        var opInputs = new OpInputs(op, name, Array.ConvertAll(inputs, input => input.Shape));
        if (op.Arity >= 0 ? inputs.Length != op.Arity : inputs.Length < 2)
        {
            throw opInputs.Refuse(op.Arity >= 0 ? $"it takes {op.Arity} input(s), not {inputs.Length}" : "it takes two or more inputs");
        }

        Shape shape = op.InferShape(opInputs);
        IReadOnlyList<ParameterDeclaration> declared = op.Declare(opInputs);
        var parameters = new Parameter[declared.Count];
        for (int i = 0; i < parameters.Length; i++)
        {
            if (sharedWith is null)
            {
                parameters[i] = new Parameter($"{name}/{declared[i].Name}", declared[i].Shape, declared[i].Initializer, parameterCount + i) { Rule = declared[i].Rule };
                continue;
            }

            parameters[i] = sharedWith.Parameters[i];
            if (parameters[i].Shape != declared[i].Shape)
            {
                throw opInputs.Refuse($"'{parameters[i].Name}' is {parameters[i].Shape}, this use needs {declared[i].Shape}");
            }
        }

        return new Node(index, name, op, inputs, shape, parameters, mask ?? PassedMask(opInputs, op, inputs, shape));
    }

    /// <summary>The mask of the inputs, if the op carries it on and the output has those positions.</summary>
    /// <exception cref="UserError">Inputs carry different masks.</exception>
    private static Node? PassedMask(in OpInputs opInputs, Op op, Node[] inputs, Shape shape)
    {
        Node?[] masks = op.PassesMask ? [.. inputs.Select(input => input.Mask).Where(mask => mask is not null).Distinct()] : [];
        return masks switch
        {
            [] => null,
            [Node mask] => shape.Dims.StartsWith(mask.Shape.Dims) ? mask : null,
            _ => throw opInputs.Refuse($"they carry different masks, '{string.Join("' and '", masks.Select(mask => mask!.Name))}'"),
        };
    }

    private Node[] Sources(ReadOnlySpan<Value> values)
    {
        var sources = new Node[values.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            if (values[i].Builder != this)
            {
                throw new ArgumentException("The value comes from another GraphBuilder.", nameof(values));
            }

            sources[i] = values[i].Node;
        }

        return sources;
    }
}
