namespace DistTrain.Tensors;

/// <summary>
/// Arguments of one product and its division into parts, on the caller's stack while the pool runs. A part is a rectangle of
/// c: rows part / ColumnGroups, columns part % ColumnGroups, each group some whole tiles.
/// </summary>
internal unsafe struct MatMulContext
{
    /// <summary>2 µs of arithmetic at 512 bits: ten times what handing out a part costs while the threads spin.</summary>
    private const long FusedMultiplyAddsPerPartMin = 1 << 18;

    /// <summary>Parts for each thread: even out threads of different speed without cutting the panels too small.</summary>
    private const int PartsPerThread = 4;

    public MatMulKernels Kernels;
    public float* A;
    public float* B;
    public float* C;
    public float* Bias;
    public int M;
    public int N;

    /// <summary>Length of the sum: k, or the rows of all slices.</summary>
    public int K;

    public bool Relu;
    public bool TransposeB;
    public SliceLeaves Leaves;

    /// <summary>Rows of the largest tile of the kernels in use.</summary>
    public int TileRows;

    public int RowsPerGroup;
    public int ColumnsPerGroup;
    public int ColumnGroups;

    /// <summary>Chooses the groups and returns the number of parts.</summary>
    public int Divide(int threads, int rowsMax)
    {
        int panels = (N + Kernels.Columns - 1) / Kernels.Columns;
        int rowGroups = (M + rowsMax - 1) / rowsMax;
        int panelsPerGroup = panels;
        long parts = threads == 1 ? 1 : Math.Min((long)threads * PartsPerThread, (long)M * N * K / FusedMultiplyAddsPerPartMin);
        if (parts > rowGroups)
        {
            // Columns first: each part then packs panels that no other part needs.
            panelsPerGroup = Math.Max(1, (int)(panels * (long)rowGroups / parts));
            int columnGroups = (panels + panelsPerGroup - 1) / panelsPerGroup;
            if (columnGroups < threads)
            {
                rowGroups = Math.Max(rowGroups, (int)((parts + columnGroups - 1) / columnGroups));
            }
        }

        int tiles = (M + TileRows - 1) / TileRows;
        int tilesPerGroup = (tiles + rowGroups - 1) / rowGroups;
        RowsPerGroup = tilesPerGroup * TileRows;
        ColumnsPerGroup = panelsPerGroup * Kernels.Columns;
        ColumnGroups = (panels + panelsPerGroup - 1) / panelsPerGroup;
        return ColumnGroups * ((tiles + tilesPerGroup - 1) / tilesPerGroup);
    }

    /// <summary>The rectangle of a part: rows [row, rowEnd), columns [column, columnEnd).</summary>
    public readonly void Rectangle(int part, out int row, out int rowEnd, out int column, out int columnEnd)
    {
        row = part / ColumnGroups * RowsPerGroup;
        rowEnd = Math.Min(row + RowsPerGroup, M);
        column = part % ColumnGroups * ColumnsPerGroup;
        columnEnd = Math.Min(column + ColumnsPerGroup, N);
    }
}
