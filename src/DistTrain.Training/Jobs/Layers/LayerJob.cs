using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A layer as a job describes it: Keras' names, options and defaults.</summary>
[JobChoices(
    typeof(DenseJob), typeof(Conv2DJob), typeof(MaxPooling2DJob), typeof(AveragePooling2DJob), typeof(GlobalAveragePooling2DJob), typeof(GlobalAveragePooling1DJob),
    typeof(FlattenJob), typeof(ReshapeJob), typeof(MaskingJob), typeof(EmbeddingJob), typeof(SimpleRNNJob), typeof(LSTMJob), typeof(GRUJob), typeof(BidirectionalJob), typeof(DropoutJob), typeof(SpatialDropout1DJob), typeof(ActivationJob), typeof(LeakyReLUJob), typeof(AddJob), typeof(MultiplyJob), typeof(ConcatenateJob),
    typeof(Conv1DJob), typeof(DepthwiseConv2DJob), typeof(SeparableConv2DJob), typeof(Conv2DTransposeJob), typeof(UpSampling2DJob), typeof(ZeroPadding2DJob),
    typeof(PermuteJob), typeof(ELUJob), typeof(PReLUJob), typeof(LayerNormalizationJob), typeof(BatchNormalizationJob),
    typeof(MultiHeadAttentionJob), typeof(AttentionHeadsJob), typeof(TransformerBlockJob), typeof(PositionEmbeddingJob), typeof(CustomJob))]
public abstract record LayerJob
{
    private protected const string ActivationDoc = "Applied to the result.";
    private protected const string UseBiasDoc = "Adds a trainable number to each output.";
    private protected const string StridesDoc = "Step of the window.";
    private protected const string PaddingDoc = "same: zeros around, so that stride 1 keeps the size; valid: none.";
    private protected const string PoolSizeDoc = "The window.";

    [JobKey("Unique; names parameters in checkpoints and keys their first values.", Automatic = "the kind, counted: dense, dense_1")]
    public string? Name { get; init; }

    [JobKey("false: training doesn't change the layer's parameters.", Automatic = "true")]
    public bool? Trainable { get; init; }

    /// <summary>The op of the graph that this layer is.</summary>
    public abstract Op ToOp();
}
