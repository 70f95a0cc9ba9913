using System;
using System.Collections.Generic;
using System.Linq;

namespace DistTrain.Tensors.Generators;

/// <summary>
/// Convolution kernels. Taps: a tile of neighbouring output pixels x one panel of channels is summed over a list of taps
/// (forward and data gradient). Gradient: a tile of weights is summed over output pixels, then merged with stacked sums.
/// </summary>
/// <remarks>
/// Tiles leave room for the panel's vectors of b and one broadcast beside the accumulators; where b is one vector, x86 folds
/// the broadcast into the fma, so 28 rows fit 32 registers.
/// </remarks>
internal static class ConvolutionEmitter
{
    /// <summary>A tap may miss this many pixels at either end of a tile: enough for a 5x5 kernel's edges.</summary>
    private const int SkipMax = 4;

    /// <summary>More pointers than this into x would not stay in registers.</summary>
    private const int GroupsMax = 4;

    private static readonly Family[] Families =
    {
        new("Vector512", 16, new[] { 0, 16, 14 }, new[] { 0, 28, 14 }),
        new("Vector256", 8, new[] { 0, 12, 6 }, new[] { 0, 12, 6 }),
        new("Vector128", 4, new[] { 0, 16, 12 }, new[] { 0, 24, 12 }),
    };

    public static string Emit()
    {
        var writer = new KernelWriter();
        foreach (Family family in Families)
        {
            writer.Class("ConvolutionKernels" + (family.Lanes * 32), () => EmitFamily(writer, family));
        }

        return writer.ToString();
    }

    private static void EmitFamily(KernelWriter writer, Family family)
    {
        EmitTable(writer, family);
        for (int vectors = 1; vectors <= 2; vectors++)
        {
            for (int pixels = 1; pixels <= family.Pixels[vectors]; pixels++)
            {
                EmitTaps(writer, family, vectors, pixels);
            }

            foreach ((int groups, int rows) in GradientTiles(family.Rows[vectors]))
            {
                EmitGradient(writer, family, vectors, groups, rows);
            }
        }
    }

    private static IEnumerable<(int Groups, int Rows)> GradientTiles(int rowsMax) =>
        from groups in Enumerable.Range(1, GroupsMax)
        from rows in Enumerable.Range(1, rowsMax)
        where groups * rows <= rowsMax
        select (groups, rows);

    /// <summary>Fills a ConvolutionKernelSet with pointers to the kernels of this class.</summary>
    private static void EmitTable(KernelWriter writer, Family family)
    {
        writer.Block("public static ConvolutionKernelSet Create()", () =>
        {
            writer.Line($"var set = new ConvolutionKernelSet({family.Lanes}, {SkipMax}, {GroupsMax}, [{string.Join(", ", family.Pixels)}], [{string.Join(", ", family.Rows)}]);");
            for (int vectors = 1; vectors <= 2; vectors++)
            {
                for (int pixels = 1; pixels <= family.Pixels[vectors]; pixels++)
                {
                    writer.Line($"set.SetTaps({vectors}, {pixels}, &Taps{vectors}x{pixels});");
                }

                foreach ((int groups, int rows) in GradientTiles(family.Rows[vectors]))
                {
                    writer.Line($"set.SetGradient({vectors}, {groups}, {rows}, &Gradient{vectors}x{groups}x{rows});");
                }
            }

            writer.Line("return set;");
        });
    }

    private static void EmitTaps(KernelWriter writer, Family family, int vectors, int pixels)
    {
        string type = family.Type;
        int panel = vectors * family.Lanes;
        writer.Kernel(
            $"Taps{vectors}x{pixels}",
            "ConvolutionTap* tap, ConvolutionTap* end, float* a, nint lda, float* b, float* c, nint ldc, float* bias, bool relu",
            () =>
            {
                EmitZeros(writer, family, vectors, pixels);
                writer.Line("nint lda2 = 2 * lda;");
                writer.Block("for (; tap != end; tap++)", () =>
                {
                    for (int group = 0; group < (pixels + 2) / 3; group++)
                    {
                        writer.Line($"float* a{group} = a + tap->Source{(group == 0 ? "" : $" + {3 * group} * lda")};");
                    }

                    writer.Line($"float* p = b + tap->Row * {panel};");
                    writer.Line($"float* stop = p + tap->Run * {panel};");
                    writer.Block("switch (tap->Skip)", () =>
                    {
                        EmitRun(writer, family, vectors, 0, pixels, "default");
                        for (int skip = 1; skip <= Math.Min(SkipMax, pixels - 1); skip++)
                        {
                            EmitRun(writer, family, vectors, skip, pixels, "case " + skip);
                            EmitRun(writer, family, vectors, 0, pixels - skip, "case " + -skip);
                        }
                    });
                });
                writer.Block("if (bias != null)", () =>
                {
                    for (int j = 0; j < vectors; j++)
                    {
                        writer.Line($"{type}<float> z{j} = {type}.Load(bias + {j * family.Lanes});");
                        for (int i = 0; i < pixels; i++)
                        {
                            writer.Line($"c{i}_{j} += z{j};");
                        }
                    }
                });
                writer.Block("if (relu)", () => Each(pixels, vectors, (i, j) => writer.Line(
                    $"c{i}_{j} = {type}.ConditionalSelect({type}.LessThanOrEqual(c{i}_{j}, {type}<float>.Zero), {type}<float>.Zero, c{i}_{j});")));
                for (int i = 0; i < pixels; i++)
                {
                    for (int j = 0; j < vectors; j++)
                    {
                        writer.Line($"{type}.Store(c{i}_{j}, c + {j * family.Lanes});");
                    }

                    writer.Line(i < pixels - 1 ? "c += ldc;" : "");
                }
            });
    }

    /// <summary>One run of channels for the pixels [first, end) of the tile; the others have no such tap.</summary>
    private static void EmitRun(KernelWriter writer, Family family, int vectors, int first, int end, string label)
    {
        writer.Line(label + ":");
        writer.Block("do", () =>
        {
            EmitPanelLoad(writer, family, vectors, "p");
            for (int i = first; i < end; i++)
            {
                string offset = (i % 3) switch { 0 => "", 1 => " + lda", _ => " + lda2" };
                EmitMultiply(writer, family, vectors, i, $"*(a{i / 3}{offset})");
            }

            for (int group = first / 3; group <= (end - 1) / 3; group++)
            {
                writer.Line($"a{group}++;");
            }

            writer.Line($"p += {vectors * family.Lanes};");
        });
        writer.Line("while (p != stop);");
        writer.Line("break;");
    }

    private static void EmitGradient(KernelWriter writer, Family family, int vectors, int groups, int rows)
    {
        string type = family.Type;
        int tile = groups * rows * vectors * family.Lanes;
        writer.Kernel(
            $"Gradient{vectors}x{groups}x{rows}",
            "ConvolutionWalk* walk, float* x, float* dy, float* sum, bool resume, int merges",
            () =>
            {
                EmitZeros(writer, family, vectors, groups * rows);
                writer.Block("if (resume)", () => Each(groups * rows, vectors, (i, j) => writer.Line(
                    $"c{i}_{j} = {type}.Load(sum + {((i * vectors) + j) * family.Lanes});")));
                writer.Line("nint step = walk->Step, ldb = walk->GradientStep, rowFloats = walk->RowFloats, group = walk->GroupStride;");
                writer.Block("for (int n = walk->Samples; n > 0; n--)", () =>
                {
                    writer.Line("float* x0 = x;");
                    writer.Block("for (int row = walk->Rows; row > 0; row--)", () =>
                    {
                        for (int g = 1; g < groups; g++)
                        {
                            writer.Line($"float* x{g} = x{g - 1} + group;");
                        }

                        writer.Line("float* stop = dy + rowFloats;");
                        writer.Block("do", () =>
                        {
                            EmitPanelLoad(writer, family, vectors, "dy");
                            for (int i = 0; i < groups * rows; i++)
                            {
                                EmitMultiply(writer, family, vectors, i, $"x{i / rows}[{i % rows}]");
                            }

                            for (int g = 0; g < groups; g++)
                            {
                                writer.Line($"x{g} += step;");
                            }

                            writer.Line("dy += ldb;");
                        });
                        writer.Line("while (dy != stop);");
                        writer.Line("x0 += walk->RowSkip;");
                    });
                    writer.Line("x += walk->SampleFloats;");
                });
                writer.Block("for (; merges > 0; merges--)", () =>
                {
                    writer.Line($"sum -= {tile};");
                    Each(groups * rows, vectors, (i, j) => writer.Line(
                        $"c{i}_{j} = {type}.Load(sum + {((i * vectors) + j) * family.Lanes}) + c{i}_{j};"));
                });
                Each(groups * rows, vectors, (i, j) => writer.Line(
                    $"{type}.Store(c{i}_{j}, sum + {((i * vectors) + j) * family.Lanes});"));
            });
    }

    private static void EmitZeros(KernelWriter writer, Family family, int vectors, int rows)
    {
        writer.Locals($"{family.Type}<float>", rows, vectors, (i, j) => $"c{i}_{j}");
        Each(rows, vectors, (i, j) => writer.Line($"c{i}_{j} = {family.Type}<float>.Zero;"));
    }

    private static void EmitPanelLoad(KernelWriter writer, Family family, int vectors, string pointer)
    {
        for (int j = 0; j < vectors; j++)
        {
            writer.Line($"{family.Type}<float> b{j} = {family.Type}.Load({pointer} + {j * family.Lanes});");
        }
    }

    private static void EmitMultiply(KernelWriter writer, Family family, int vectors, int row, string element)
    {
        writer.Line($"{family.Type}<float> v{row} = {family.Type}.Create({element});");
        for (int j = 0; j < vectors; j++)
        {
            writer.Line($"c{row}_{j} = {family.Type}.FusedMultiplyAdd(v{row}, b{j}, c{row}_{j});");
        }
    }

    private static void Each(int rows, int vectors, Action<int, int> action)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < vectors; j++)
            {
                action(i, j);
            }
        }
    }

    /// <summary>One vector type; largest tiles indexed by the vectors of a panel (1 or 2).</summary>
    private sealed class Family
    {
        public Family(string type, int lanes, int[] pixels, int[] rows)
        {
            Type = type;
            Lanes = lanes;
            Pixels = pixels;
            Rows = rows;
        }

        public string Type { get; }

        public int Lanes { get; }

        public int[] Pixels { get; }

        public int[] Rows { get; }
    }
}
