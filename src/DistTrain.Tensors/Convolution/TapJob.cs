namespace DistTrain.Tensors;

/// <summary>Everything a part of a forward pass or data gradient reads; lives on the caller's stack.</summary>
internal unsafe struct TapJob
{
    public float* Source;
    public float* Target;
    public float* Weights;
    public float* Bias;
    public bool Relu;
    public nint SourceFloats;
    public nint TargetRowFloats;
    public nint SourceStep;
    public nint TargetStep;
    public int WeightRows;
    public ConvolutionPanels Panels;
    public TapRow* Rows;
    public int RowCount;
    public TapTile* SingleTiles;
    public int SingleTileCount;
    public TapTile* TwinTiles;
    public int TwinTileCount;
    public ConvolutionTap* Taps;
    public int* Bounds;
    public long AllRows;
    public int Parts;

    /// <summary>What the plan gives; it must be kept alive while the job is used.</summary>
    public static TapJob Of(TapPlan plan, in ConvolutionPanels panels, int samples) => new()
    {
        SourceFloats = plan.SourceFloats,
        TargetRowFloats = plan.TargetRowFloats,
        SourceStep = plan.SourceStep,
        TargetStep = plan.TargetStep,
        Panels = panels,
        Rows = plan.Rows.Pointer,
        RowCount = plan.Rows.Length,
        SingleTiles = plan.SingleTiles.Pointer,
        SingleTileCount = plan.SingleTiles.Length,
        TwinTiles = plan.TwinTiles.Pointer,
        TwinTileCount = plan.TwinTiles.Length,
        Taps = plan.Taps.Pointer,
        Bounds = plan.Bounds.Pointer,
        AllRows = (long)samples * plan.Rows.Length,
    };
}
