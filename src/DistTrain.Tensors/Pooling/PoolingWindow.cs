namespace DistTrain.Tensors;

/// <summary>The part of one window that lies inside x: rows [Top, Bottom), columns [Left, Right), never empty.</summary>
internal readonly struct PoolingWindow
{
    internal readonly int Top;
    internal readonly int Bottom;
    internal readonly int Left;
    internal readonly int Right;

    internal PoolingWindow(in PoolingShape shape, int oy, int ox)
    {
        int top = (oy * shape.StrideHeight) - shape.PadTop;
        int left = (ox * shape.StrideWidth) - shape.PadLeft;
        Top = Math.Max(top, 0);
        Bottom = Math.Min(top + shape.PoolHeight, shape.InHeight);
        Left = Math.Max(left, 0);
        Right = Math.Min(left + shape.PoolWidth, shape.InWidth);
    }

    internal int Positions => (Bottom - Top) * (Right - Left);
}
