namespace DistTrain.Tensors;

/// <summary>Everything a part of a weight gradient reads; lives on the caller's stack.</summary>
internal unsafe struct WeightGradientJob
{
    public ConvolutionShape Shape;
    public float* X;
    public float* Dy;
    public float* Dw;
    public WeightTile* Tiles;
    public int TileCount;
    public int Floats;
    public int* Starts;
    public int* Counts;
    public int* Merges;
    public int Leaves;
    public int Levels;
    public float* LeafSums;
    public bool Padded;
    public int ChunkSamples;
    public int Parts;
}
