using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

public class GraphBuilderTests
{
    [Fact]
    public void Layers_are_named_by_kind_and_count()
    {
        var b = new GraphBuilder();
        Value x = b.Conv2D(b.Input(8, 8, 1), 2, 3, Activation.ReLU);
        x = b.Conv2D(b.MaxPooling2D(x), 2, 2);
        x = b.Dense(b.Dense(b.Flatten(x), 4, Activation.ReLU), 3);
        ModelGraph graph = b.Build(x);
        Assert.Equal(
            ["input", "conv2d", "conv2d/relu", "max_pooling2d", "conv2d_1", "flatten", "dense", "dense/relu", "dense_1"],
            graph.Nodes.Select(node => node.Name));
        Assert.Equal(
            ["conv2d/kernel", "conv2d/bias", "conv2d_1/kernel", "conv2d_1/bias", "dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"],
            graph.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(Enumerable.Range(0, 8), graph.Parameters.Select(parameter => parameter.Index));
        Assert.Equal([new Shape(3, 3, 1, 2), new Shape(2)], graph.Parameters.Take(2).Select(parameter => parameter.Shape));
    }

    [Fact]
    public void One_more_activation_renames_no_other_layer()
    {
        IEnumerable<string> Names(bool softmax)
        {
            var b = new GraphBuilder();
            Value x = b.Dense(b.Input(4), 3);
            x = softmax ? b.Activation(x, Activation.Softmax) : x;
            return b.Build(b.Dropout(b.Dense(x, 2), 0.5f)).Nodes.Select(node => node.Name).Where(name => name != "softmax");
        }

        Assert.Equal(Names(false), Names(true));
    }

    [Fact]
    public void Given_names_are_kept_and_counted_ones_step_around_them()
    {
        var b = new GraphBuilder();
        Value x = b.Dense(b.Input(4), 3, name: "dense");
        x = b.Dense(b.Dense(x, 3, name: "head"), 3);
        Assert.Equal("dense_1", x.Node.Name);
        UserError error = Assert.Throws<UserError>(() => b.Dense(x, 2, name: "head"));
        Assert.Contains("'head'", error.Message, StringComparison.Ordinal);
        Assert.Throws<UserError>(() => b.Dense(x, 2, name: "a/b"));
        Assert.Throws<UserError>(() => b.Dense(x, 2, name: string.Empty));
    }

    [Fact]
    public void Linear_is_no_node_behind_a_layer()
    {
        var b = new GraphBuilder();
        Assert.Equal("dense", b.Dense(b.Input(4), 3, Activation.Linear).Node.Name);
    }

    [Fact]
    public void Shape_errors_print_op_name_and_shapes()
    {
        var b = new GraphBuilder();
        Value flat = b.Input(784);
        Value picture = b.Input(4, 4, 2);
        AssertRefused(() => b.Conv2D(flat, 8, 3), "Conv2D(8, (3, 3)) 'conv2d'", "(784)", "(height, width, channels)");
        AssertRefused(() => b.Conv2D(picture, 8, 5), "'conv2d'", "(4, 4, 2)", "(5, 5)");
        AssertRefused(() => b.MaxPooling2D(picture, (2, 5)), "MaxPooling2D((2, 5)) 'max_pooling2d'", "(4, 4, 2)");
        AssertRefused(() => b.GlobalAveragePooling2D(flat), "'global_average_pooling2d'", "(784)");
        AssertRefused(() => b.Add(flat, picture), "Add 'add'", "(784) and (4, 4, 2)", "one shape");
        AssertRefused(() => b.Add(flat), "two or more");
        AssertRefused(() => b.Concatenate(b.Input(2, 3), b.Input(3, 3)), "(2, 3) and (3, 3)", "agree in every axis but -1");
        AssertRefused(() => b.Apply(new Concatenate(0), [flat, flat]), "axis 0 is the batch");
        AssertRefused(() => b.Reshape(flat, new Shape(28, 27)), "(784)", "(28, 27) needs 756");
        AssertRefused(() => b.Dropout(flat, 1), "rate 1");
        AssertRefused(() => b.Dense(flat, 0), "0 units");
        AssertRefused(() => b.Conv2D(picture, 2, 3, strides: 0), "strides (0, 0)");
    }

    [Fact]
    public void Refused_layer_leaves_no_trace()
    {
        var b = new GraphBuilder();
        Value x = b.Input(4);
        Assert.Throws<UserError>(() => b.Conv2D(x, 8, 3, name: "mine"));
        Assert.Throws<UserError>(() => b.Dense(x, -1));
        ModelGraph graph = b.Build(b.Dense(b.Dense(x, 3), 2, name: "mine"));
        Assert.Equal(["input", "dense", "mine"], graph.Nodes.Select(node => node.Name));
        Assert.Equal([0, 1, 2, 3], graph.Parameters.Select(parameter => parameter.Index));
    }

    [Fact]
    public void Layer_that_leads_nowhere_is_refused()
    {
        var b = new GraphBuilder();
        Value x = b.Input(4);
        b.Dense(x, 7, name: "lost");
        AssertRefused(() => b.Build(b.Dense(x, 2)), "'lost'");
    }

    [Fact]
    public void Value_of_another_builder_is_a_defect_of_the_caller()
    {
        Value foreign = new GraphBuilder().Input(4);
        Assert.Throws<ArgumentException>(() => new GraphBuilder().Dense(foreign, 2));
        Assert.Throws<ArgumentException>(() => new GraphBuilder().Build(default));
    }

    [Fact]
    public void Same_padding_and_strides_give_the_shapes_of_Keras()
    {
        var b = new GraphBuilder();
        Value x = b.Input(28, 27, 3);
        Assert.Equal(new Shape(14, 14, 8), b.Conv2D(x, 8, 3, strides: 2, padding: Padding.Same).Shape);
        Assert.Equal(new Shape(26, 25, 8), b.Conv2D(x, 8, 3).Shape);
        Assert.Equal(new Shape(14, 13, 3), b.MaxPooling2D(x).Shape);
        Assert.Equal(new Shape(14, 14, 3), b.AveragePooling2D(x, padding: Padding.Same).Shape);
        Assert.Equal(new Shape(28, 27, 6), b.Concatenate(x, x).Shape);
    }

    [Fact]
    public void Second_use_of_a_layer_shares_its_parameters()
    {
        var b = new GraphBuilder();
        Value x = b.Input(4), z = b.Input(4);
        Value first = b.Dense(x, 3, Activation.Tanh);
        Value second = b.Again(first, z);
        ModelGraph graph = b.Build(b.Add(first, second));
        Assert.Equal("dense@2/tanh", second.Node.Name);
        Assert.Equal(["dense/kernel", "dense/bias"], graph.Parameters.Select(parameter => parameter.Name));
        AssertRefused(() => b.Again(first, b.Input(5)), "dense/kernel", "(4, 3)", "(5, 3)");
    }

    private static void AssertRefused(Action build, params string[] parts)
    {
        UserError error = Assert.Throws<UserError>(build);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
