using System.Collections.Concurrent;

namespace DistTrain.Tensors;

/// <summary>How the weights of one shape are cut into register tiles for the weight gradient.</summary>
internal sealed unsafe class WeightTilePlan
{
    /// <summary>Shapes with a plan; reaching it means that shapes are not reused, and all are dropped.</summary>
    private const int CachedMax = 1024;

    private static readonly ConcurrentDictionary<(ConvolutionShape Shape, int Lanes), WeightTilePlan> Cache = new();

    private readonly List<WeightTile> tiles = [];
    private readonly ConvolutionKernelSet kernels;
    private readonly int paddedRowFloats;

    private WeightTilePlan(in ConvolutionShape shape, ConvolutionKernelSet kernels)
    {
        this.kernels = kernels;
        paddedRowFloats = (shape.PadLeft + shape.InWidth + shape.PadRight) * shape.InChannels;
        var panels = new ConvolutionPanels(shape.OutChannels, kernels.Lanes);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            AddPanel(shape, panels, panel);
        }

        Floats = tiles[^1].Before + tiles[^1].Floats;
        Tiles = new PinnedArray<WeightTile>([.. tiles]);
    }

    internal PinnedArray<WeightTile> Tiles { get; }

    /// <summary>Floats of all tiles.</summary>
    internal int Floats { get; }

    internal static WeightTilePlan For(in ConvolutionShape shape, ConvolutionKernelSet kernels)
    {
        var key = (shape, kernels.Lanes);
        if (!Cache.TryGetValue(key, out WeightTilePlan? plan))
        {
            if (Cache.Count >= CachedMax)
            {
                Cache.Clear();
            }

            plan = new WeightTilePlan(shape, kernels);
            Cache[key] = plan;
        }

        return plan;
    }

    /// <summary>
    /// The factors of one kernel row, (kx, ci), are consecutive in x. Long runs are cut in tiles of nearly equal size; runs so
    /// short that they would leave registers idle share a tile with other kernel rows.
    /// </summary>
    private void AddPanel(in ConvolutionShape shape, in ConvolutionPanels panels, int panel)
    {
        int run = shape.KernelWidth * shape.InChannels, rowsMax = kernels.RowsMax(panels.Vectors(panel));
        int together = Math.Min(Math.Min(kernels.GroupsMax, rowsMax / run), shape.KernelHeight);
        if (together > 1)
        {
            int groups = (shape.KernelHeight + together - 1) / together;
            for (int group = 0; group < groups; group++)
            {
                int ky = group * shape.KernelHeight / groups, end = (group + 1) * shape.KernelHeight / groups;
                Add(panels, panel, ky * paddedRowFloats, ky * run, end - ky, run);
            }

            return;
        }

        int cuts = (run + rowsMax - 1) / rowsMax;
        for (int ky = 0; ky < shape.KernelHeight; ky++)
        {
            for (int cut = 0; cut < cuts; cut++)
            {
                int first = (int)((long)cut * run / cuts), end = (int)((long)(cut + 1) * run / cuts);
                Add(panels, panel, (ky * paddedRowFloats) + first, (ky * run) + first, 1, end - first);
            }
        }
    }

    private void Add(in ConvolutionPanels panels, int panel, int source, int row, int groups, int rows)
    {
        int vectors = panels.Vectors(panel);
        tiles.Add(new WeightTile
        {
            Kernel = kernels.Gradient(vectors, groups, rows),
            Source = source,
            Row = row,
            Rows = groups * rows,
            Channel = panels.Start(panel),
            Width = vectors * kernels.Lanes,
            Valid = panels.Valid(panel),
            Before = tiles.Count == 0 ? 0 : tiles[^1].Before + tiles[^1].Floats,
        });
    }
}
