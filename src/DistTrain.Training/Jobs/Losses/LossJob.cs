using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A loss with its options, under Keras' names.</summary>
[JobChoices(
    typeof(SparseCategoricalCrossentropyJob), typeof(CategoricalCrossentropyJob), typeof(BinaryCrossentropyJob), typeof(MeanSquaredErrorJob),
    typeof(MeanAbsoluteErrorJob), typeof(HuberJob), typeof(HingeJob), typeof(KLDivergenceJob))]
public abstract record LossJob
{
    private protected const string LabelSmoothingDoc = "Share of each target that is spread over all classes.";

    /// <summary>The loss of the graph.</summary>
    public abstract Loss ToLoss();

    /// <summary>The way back, for model.json; weights of classes are the training's, not the model's.</summary>
    internal static LossJob Of(Loss loss) => loss switch
    {
        SparseCategoricalCrossentropy sparse => new SparseCategoricalCrossentropyJob { LabelSmoothing = sparse.LabelSmoothing, IgnoreClass = sparse.IgnoreClass },
        CategoricalCrossentropy categorical => new CategoricalCrossentropyJob { LabelSmoothing = categorical.LabelSmoothing },
        BinaryCrossentropy binary => new BinaryCrossentropyJob { LabelSmoothing = binary.LabelSmoothing },
        MeanSquaredError => new MeanSquaredErrorJob(),
        MeanAbsoluteError => new MeanAbsoluteErrorJob(),
        Huber huber => new HuberJob { Delta = huber.Delta },
        Hinge hinge => new HingeJob { Squared = hinge.Squared },
        KLDivergence => new KLDivergenceJob(),
        _ => throw new Tensors.UserError($"a loss {loss} can't be written down: it is not one of DistTrain's own"),
    };
}
