namespace DistTrain.Graph;

/// <summary>Height and width of a window or of its steps. An int stands for a square: <c>3</c> is (3, 3).</summary>
public readonly record struct WindowSize(int Height, int Width)
{
    public static implicit operator WindowSize(int side) => new(side, side);

    public static implicit operator WindowSize((int Height, int Width) size) => new(size.Height, size.Width);

    public static WindowSize FromInt32(int side) => side;

    public static WindowSize FromValueTuple((int Height, int Width) size) => size;

    public override string ToString() => $"({Height}, {Width})";
}
