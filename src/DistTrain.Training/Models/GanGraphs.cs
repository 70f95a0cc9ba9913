using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// The two graphs of a GAN over one vector of parameters, the generator's first: each trains one network while the other's parameters
/// are frozen. What makes samples after training is a third one, the generator alone.
/// </summary>
/// <param name="Discriminator">Noise through the generator, then both samples through the discriminator; the generator is frozen.</param>
/// <param name="Generator">Noise through both, without the real sample; the discriminator is frozen.</param>
/// <param name="Whole">All parameters with the rules that servers go by: each network's has its turn.</param>
/// <param name="Result">From noise that is given to a sample; its parameters are the first of the vector.</param>
internal sealed record GanGraphs(ModelGraph Discriminator, ModelGraph Generator, ModelGraph Whole, ModelGraph Result)
{
    /// <param name="gan">The two chains.</param>
    /// <param name="sampleShape">Of the data.</param>
    /// <param name="targets">Of the data; not looked at.</param>
    /// <exception cref="UserError">A layer can't take its input, or a chain ends in something else than it must.</exception>
    public static GanGraphs Build(GanJob gan, Shape sampleShape, Shape targets)
    {
        var builder = new GraphBuilder();
        Value real = builder.Input(sampleShape);
        Value noise = builder.Apply(new Noise(new Shape(gan.Latent)), [], "noise");
        Value made = GraphFromJob.Chain(builder, noise, gan.Generator, "model.gan.generator");
        if (made.Shape != sampleShape)
        {
            throw new UserError($"model.gan.generator: makes samples {made.Shape}, the data's are {sampleShape}; allowed: layers that end in that shape, such as Reshape");
        }

        // The generator's own names end here: what comes is the discriminator's.
        int generated = builder.ParameterCount;
        var layers = new List<Value>();
        Value ofReal = GraphFromJob.Chain(builder, real, gan.Discriminator, "model.gan.discriminator", layers);
        if (ofReal.Shape != new Shape(1) || ofReal.Node.Op is Sigmoid)
        {
            throw new UserError($"model.gan.discriminator: ends in {ofReal.Node.Op} {ofReal.Shape}; allowed: one number without sigmoid, such as Dense: 1");
        }

        Value ofMade = layers.Aggregate(made, (before, layer) => builder.Again(layer, before));
        ModelGraph both = builder.Build(builder.Apply(new Concatenate(), [ofReal, ofMade], "verdicts"));
        return new GanGraphs(
            both.WithRules(parameter => parameter.Index < generated ? ParameterRule.Frozen : parameter.Rule).WithLoss(new AdversarialLoss([(float)gan.RealLabel, 0], targets)),
            both.WithOutput(ofMade).WithRules(parameter => parameter.Index < generated ? parameter.Rule : ParameterRule.Frozen).WithLoss(new AdversarialLoss([1], targets)),
            both.WithRules(parameter => parameter.Rule with { Turn = parameter.Index < generated ? 1 : 0 }),
            ResultOf(gan).WithLoss(new MeanSquaredError()));
    }

    private static ModelGraph ResultOf(GanJob gan)
    {
        var builder = new GraphBuilder();
        return builder.Build(GraphFromJob.Chain(builder, builder.Input(gan.Latent), gan.Generator, "model.gan.generator"));
    }
}
