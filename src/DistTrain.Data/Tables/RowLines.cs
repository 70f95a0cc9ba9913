namespace DistTrain.Data;

/// <summary>Lines of a table's rows: kept as runs, since a row mostly stands in the line behind the one before.</summary>
internal sealed class RowLines
{
    private readonly List<(int Row, long Line)> runs = [];
    private int rows;
    private long next;

    /// <summary>Line of a row, from 1.</summary>
    public long this[int row]
    {
        get
        {
            int run = runs.BinarySearch((row, long.MaxValue));
            (int first, long line) = runs[(run < 0 ? ~run : run) - 1];
            return line + row - first;
        }
    }

    /// <summary>The next row stands in this line.</summary>
    public void Add(long line)
    {
        if (rows == 0 || line != next)
        {
            runs.Add((rows, line));
        }

        rows++;
        next = line + 1;
    }
}
