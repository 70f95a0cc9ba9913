using System.Collections.Concurrent;

namespace DistTrain.Tensors;

/// <summary>
/// What a forward pass or data gradient of one shape does, worked out once: for every row of the target its taps in y, and
/// for every tile of neighbouring target pixels in a row its list of taps. The same kernels then serve any stride and
/// padding, because a tap that is missing for the pixels at the edge of a tile is a tap with a skip.
/// </summary>
/// <remarks>
/// Rejected: zero padding of the source (a data gradient of "valid" 3x3 on 13x13 would do 1.4 times the work), and gathering
/// patches into a matrix (one store and load for every factor, 10 to 20 % where there are few output channels).
/// </remarks>
internal sealed unsafe class TapPlan
{
    /// <summary>Shapes with a plan; a program has a few dozen, so reaching it means they are not reused, and all are dropped.</summary>
    private const int CachedMax = 1024;

    private static readonly ConcurrentDictionary<(ConvolutionShape Shape, bool Data, int Lanes), TapPlan> Cache = new();

    private readonly TapAxis vertical;
    private readonly TapAxis horizontal;
    private readonly ConvolutionKernelSet kernels;
    private readonly int kernelWidth;
    private readonly nint sourceRowFloats;
    private readonly List<ConvolutionTap> taps = [];
    private readonly List<int> bounds = [];

    private TapPlan(in ConvolutionShape shape, bool data, ConvolutionKernelSet kernels)
    {
        this.kernels = kernels;
        kernelWidth = shape.KernelWidth;
        SourceChannels = data ? shape.OutChannels : shape.InChannels;
        TargetChannels = data ? shape.InChannels : shape.OutChannels;
        vertical = data
            ? TapAxis.Data(shape.InHeight, shape.OutHeight, shape.KernelHeight, shape.StrideHeight, shape.PadTop)
            : TapAxis.Forward(shape.InHeight, shape.OutHeight, shape.KernelHeight, shape.StrideHeight, shape.PadTop);
        horizontal = data
            ? TapAxis.Data(shape.InWidth, shape.OutWidth, shape.KernelWidth, shape.StrideWidth, shape.PadLeft)
            : TapAxis.Forward(shape.InWidth, shape.OutWidth, shape.KernelWidth, shape.StrideWidth, shape.PadLeft);
        sourceRowFloats = (nint)horizontal.SourceSize * SourceChannels;
        SourceStep = (nint)horizontal.Phases[0].SourceStep * SourceChannels;
        TargetStep = (nint)horizontal.Phases[0].TargetStep * TargetChannels;
        SourceFloats = vertical.SourceSize * sourceRowFloats;
        TargetRowFloats = (nint)(data ? shape.InWidth : shape.OutWidth) * TargetChannels;
        Rows = PlanRows(data ? shape.InHeight : shape.OutHeight);
        SingleTiles = PlanTiles(1);
        TwinTiles = PlanTiles(2);
        Taps = new PinnedArray<ConvolutionTap>([.. taps]);
        Bounds = new PinnedArray<int>([.. bounds]);
    }

    internal int SourceChannels { get; }

    internal int TargetChannels { get; }

    /// <summary>Floats from one pixel of a tile to the next.</summary>
    internal nint SourceStep { get; }

    internal nint TargetStep { get; }

    /// <summary>Floats of one sample of the source.</summary>
    internal nint SourceFloats { get; }

    internal nint TargetRowFloats { get; }

    /// <summary>One entry per row of the target.</summary>
    internal PinnedArray<TapRow> Rows { get; }

    /// <summary>The tiles of a target row where panels are one vector wide.</summary>
    internal PinnedArray<TapTile> SingleTiles { get; }

    /// <summary>The tiles of a target row where panels are two vectors wide.</summary>
    internal PinnedArray<TapTile> TwinTiles { get; }

    internal PinnedArray<ConvolutionTap> Taps { get; }

    /// <summary>For each tile, where the taps of each tap row begin, and one end.</summary>
    internal PinnedArray<int> Bounds { get; }

    internal static TapPlan For(in ConvolutionShape shape, bool data, ConvolutionKernelSet kernels)
    {
        var key = (shape, data, kernels.Lanes);
        if (!Cache.TryGetValue(key, out TapPlan? plan))
        {
            if (Cache.Count >= CachedMax)
            {
                Cache.Clear();
            }

            plan = new TapPlan(shape, data, kernels);
            Cache[key] = plan;
        }

        return plan;
    }

    /// <summary>Tap rows are numbered phase by phase, so that those of one target row are consecutive.</summary>
    private PinnedArray<TapRow> PlanRows(int rowCount)
    {
        var rows = new TapRow[rowCount];
        int phaseStart = 0;
        foreach (TapAxis.Phase phase in vertical.Phases)
        {
            for (int i = 0; i < phase.Count; i++)
            {
                int first = 0, end = phase.Taps.Length;
                while (first < end && !vertical.Exists(phase, i, phase.Taps[first]))
                {
                    first++;
                }

                while (end > first && !vertical.Exists(phase, i, phase.Taps[end - 1]))
                {
                    end--;
                }

                rows[phase.FirstTarget + (i * phase.TargetStep)] = new TapRow
                {
                    Source = (phase.FirstSource + (i * phase.SourceStep)) * sourceRowFloats,
                    First = phaseStart + first,
                    End = phaseStart + end,
                };
            }

            phaseStart += phase.Taps.Length;
        }

        return new PinnedArray<TapRow>(rows);
    }

    private PinnedArray<TapTile> PlanTiles(int vectors)
    {
        var tiles = new List<TapTile>();
        foreach (TapAxis.Phase phase in horizontal.Phases)
        {
            int count = (phase.Count + kernels.PixelsMax(vectors) - 1) / kernels.PixelsMax(vectors);
            for (int tile = 0; tile < count; tile++)
            {
                // Tiles of nearly equal size: a small one at the end would leave most registers idle.
                int first = (int)((long)tile * phase.Count / count);
                AddTile(tiles, phase, vectors, first, (int)((long)(tile + 1) * phase.Count / count) - first);
            }
        }

        return new PinnedArray<TapTile>([.. tiles]);
    }

    /// <summary>Halves a tile until its taps can be told by skips; a tile of one pixel always can.</summary>
    private void AddTile(List<TapTile> tiles, TapAxis.Phase phase, int vectors, int first, int pixels)
    {
        foreach (TapAxis.Tap tap in phase.Taps)
        {
            if (Skip(phase, tap, first, pixels) is null)
            {
                AddTile(tiles, phase, vectors, first, pixels / 2);
                AddTile(tiles, phase, vectors, first + (pixels / 2), pixels - (pixels / 2));
                return;
            }
        }

        tiles.Add(new TapTile
        {
            Source = (phase.FirstSource + (first * phase.SourceStep)) * (nint)SourceChannels,
            Target = (phase.FirstTarget + (first * phase.TargetStep)) * (nint)TargetChannels,
            Bounds = bounds.Count,
            Pixels = pixels,
            Kernel = kernels.Taps(vectors, pixels),
        });
        foreach (TapAxis.Phase rows in vertical.Phases)
        {
            foreach (TapAxis.Tap row in rows.Taps)
            {
                bounds.Add(taps.Count);
                AddTapRow(phase, row, first, pixels);
            }
        }

        bounds.Add(taps.Count);
    }

    private void AddTapRow(TapAxis.Phase phase, TapAxis.Tap row, int first, int pixels)
    {
        int start = taps.Count;
        foreach (TapAxis.Tap column in phase.Taps)
        {
            int skip = Skip(phase, column, first, pixels)!.Value;
            if (skip == pixels)
            {
                continue;
            }

            var tap = new ConvolutionTap
            {
                Source = (row.Shift * sourceRowFloats) + (column.Shift * (nint)SourceChannels),
                Row = ((row.Kernel * kernelWidth) + column.Kernel) * (nint)SourceChannels,
                Run = SourceChannels,
                Skip = skip,
            };
            if (taps.Count > start && Continues(taps[^1], tap))
            {
                tap.Source = taps[^1].Source;
                tap.Row = taps[^1].Row;
                tap.Run += taps[^1].Run;
                taps.RemoveAt(taps.Count - 1);
            }

            taps.Add(tap);
        }
    }

    /// <summary>Neighbouring taps of a forward pass are one run of factors: with few channels, runs are what makes it fast.</summary>
    private static bool Continues(in ConvolutionTap last, in ConvolutionTap next) =>
        last.Skip == next.Skip && last.Source + last.Run == next.Source && last.Row + last.Run == next.Row;

    /// <summary>The tap's skip for the tile; its pixel count when no pixel has the tap; null when no kernel can skip so.</summary>
    private int? Skip(TapAxis.Phase phase, TapAxis.Tap tap, int first, int pixels)
    {
        int before = 0, after = 0;
        while (before < pixels && !horizontal.Exists(phase, first + before, tap))
        {
            before++;
        }

        while (before + after < pixels && !horizontal.Exists(phase, first + pixels - 1 - after, tap))
        {
            after++;
        }

        if (before == pixels)
        {
            return pixels;
        }

        return (before > 0 && after > 0) || Math.Max(before, after) > kernels.SkipMax ? null : before - after;
    }
}
