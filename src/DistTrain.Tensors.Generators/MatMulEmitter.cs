using System;
using System.Globalization;

namespace DistTrain.Tensors.Generators;

/// <summary>
/// Micro-kernels of the matrix product: one tile of c, held in registers while the summed index runs. For each vector width
/// and each tile height (edges get a kernel of their own height, so no row is computed in vain) there are two:
/// <c>Direct</c> reads a by rows and ends with bias and relu; <c>Sliced</c> reads a by columns and climbs the slice tree.
/// </summary>
internal static class MatMulEmitter
{
    private const string DirectParameters =
        "nint k, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, bool accumulate, float* bias, bool relu";

    private const string SlicedParameters =
        "nint leaves, int* rows, int* merges, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, float* stack";

    public static string Emit()
    {
        var writer = new KernelWriter();
        foreach (VectorWidth width in VectorWidth.All)
        {
            writer.Class("MatMulKernels" + width.Bits.ToString(CultureInfo.InvariantCulture), () =>
            {
                for (int vectors = 1; vectors <= width.Vectors; vectors++)
                {
                    for (int rows = 1; rows <= width.Rows; rows++)
                    {
                        var tile = new Tile(writer, width, rows, vectors);
                        writer.Kernel($"Direct{rows}x{vectors}", DirectParameters, tile.Direct);
                        if (rows <= width.PairedRows(vectors))
                        {
                            writer.Kernel($"Sliced{rows}x{vectors}", SlicedParameters, tile.Sliced);
                        }
                    }
                }

                Tables(writer, width);
            });
        }

        return writer.ToString();
    }

    /// <summary>Addresses by [(vectors - 1) * Rows + rows - 1], the order MatMulKernels reads them in.</summary>
    private static void Tables(KernelWriter writer, VectorWidth width)
    {
        writer.Line($"public const int Lanes = {width.Lanes}, Rows = {width.Rows}, Vectors = {width.Vectors};");
        foreach (string kind in new[] { "Direct", "Sliced" })
        {
            writer.Block($"public static void Fill{kind}(nint* table)", () =>
            {
                for (int i = 0; i < width.Rows * width.Vectors; i++)
                {
                    int vectors = (i / width.Rows) + 1, rows = (i % width.Rows) + 1;
                    if (kind == "Direct" || rows <= width.PairedRows(vectors))
                    {
                        writer.Line($"table[{i}] = (nint)(delegate*<{Types(kind)}, void>)&{kind}{rows}x{vectors};");
                    }
                }
            });
        }
    }

    private static string Types(string kind) => kind == "Direct"
        ? "nint, float*, nint, float*, nint, float*, nint, bool, float*, bool"
        : "nint, int*, int*, float*, nint, float*, nint, float*, nint, float*";

    /// <summary>The text of one tile of rows x (vectors * lanes).</summary>
    private sealed class Tile
    {
        private readonly KernelWriter writer;
        private readonly VectorWidth width;
        private readonly int rows;
        private readonly int vectors;
        private readonly string vector;

        public Tile(KernelWriter writer, VectorWidth width, int rows, int vectors)
        {
            this.writer = writer;
            this.width = width;
            this.rows = rows;
            this.vectors = vectors;
            vector = width.Name;
        }

        /// <summary>a[i, k] is a + i * lda + k: rows are reached from every third one, which spares address registers.</summary>
        public void Direct()
        {
            Accumulators("c");
            writer.Block("if (accumulate)", () => ForRows("c", (i, j, at) => $"{Acc(i, j)} = {vector}.Load({at});"));
            writer.Block("else", () => Zero("c"));
            int groups = (rows + 2) / 3;
            for (int g = 1; g < groups; g++)
            {
                writer.Line($"float* a{g} = a + ({3 * g} * lda);");
            }

            writer.Line("float* a0 = a;");
            writer.Line("nint lda2 = 2 * lda;");
            writer.Line("float* end = b + (k * ldb);");
            writer.Block("for (; b != end; b += ldb)", () =>
            {
                Multiply("c", i => (i % 3) switch { 0 => $"*a{i / 3}", 1 => $"*(a{i / 3} + lda)", _ => $"*(a{i / 3} + lda2)" });
                for (int g = 0; g < groups; g++)
                {
                    writer.Line($"a{g}++;");
                }
            });
            writer.Block("if (bias != null)", () =>
            {
                for (int j = 0; j < vectors; j++)
                {
                    writer.Line($"{vector}<float> bias{j} = {vector}.Load(bias + {j * width.Lanes});");
                }

                ForAll((i, j) => writer.Line($"{Acc(i, j)} += bias{j};"));
            });
            writer.Block("if (relu)", () =>
            {
                writer.Line($"{vector}<float> zero = {vector}<float>.Zero;");
                ForAll((i, j) => writer.Line(
                    $"{Acc(i, j)} = {vector}.ConditionalSelect({vector}.LessThanOrEqual({Acc(i, j)}, zero), zero, {Acc(i, j)});"));
            });
            Store();
        }

        /// <summary>
        /// a[r, i] is a + r * lda + i. Two neighbouring leaves meet in registers, which is why the tile has half the rows;
        /// other partial sums wait in the stack, which stays in the first-level cache.
        /// </summary>
        public void Sliced()
        {
            int tileFloats = rows * vectors * width.Lanes;
            Accumulators("c");
            writer.Line("float* end;");
            writer.Block("while (true)", () =>
            {
                Leaf("c");
                writer.Line("int merge = *merges++;");
                writer.Block("if (merge == 0 && leaves > 1 && *merges != 0)", () =>
                {
                    Accumulators("d");
                    Leaf("d");
                    ForAll((i, j) => writer.Line($"{Acc(i, j)} += {Acc(i, j, "d")};"));
                    writer.Line("merge = *merges++ - 1;");
                    writer.Line("leaves--;");
                });
                writer.Block("for (; merge != 0; merge--)", () =>
                {
                    writer.Line($"stack -= {tileFloats};");
                    ForAll((i, j) => writer.Line($"{Acc(i, j)} = {vector}.Load(stack + {StackOffset(i, j)}) + {Acc(i, j)};"));
                });
                writer.Block("if (--leaves == 0)", () => writer.Line("break;"));
                ForAll((i, j) => writer.Line($"{vector}.Store({Acc(i, j)}, stack + {StackOffset(i, j)});"));
                writer.Line($"stack += {tileFloats};");
            });
            Store();
        }

        /// <summary>The sum over the next leaf's rows, from zero.</summary>
        private void Leaf(string sum)
        {
            Zero(sum);
            writer.Line("end = b + (*rows++ * ldb);");
            writer.Block("for (; b != end; b += ldb)", () =>
            {
                Multiply(sum, i => $"a[{i}]");
                writer.Line("a += lda;");
            });
        }

        private static string Acc(int i, int j, string sum = "c") => $"{sum}{i}_{j}";

        private int StackOffset(int i, int j) => ((i * vectors) + j) * width.Lanes;

        private void Accumulators(string sum) => writer.Locals($"{vector}<float>", rows, vectors, (i, j) => Acc(i, j, sum));

        private void Zero(string sum) => ForAll((i, j) => writer.Line($"{Acc(i, j, sum)} = {vector}<float>.Zero;"));

        /// <summary>One step of the summed index: every accumulator gets one fused multiply-add.</summary>
        private void Multiply(string sum, Func<int, string> a)
        {
            for (int j = 0; j < vectors; j++)
            {
                writer.Line($"{vector}<float> b{j} = {vector}.Load(b + {j * width.Lanes});");
            }

            for (int i = 0; i < rows; i++)
            {
                writer.Line($"{vector}<float> x{i} = {vector}.Create({a(i)});");
                for (int j = 0; j < vectors; j++)
                {
                    writer.Line($"{Acc(i, j, sum)} = {vector}.FusedMultiplyAdd(x{i}, b{j}, {Acc(i, j, sum)});");
                }
            }
        }

        private void Store() => ForRows("c", (i, j, at) => $"{vector}.Store({Acc(i, j)}, {at});");

        private void ForRows(string start, Func<int, int, string, string> line)
        {
            writer.Block(string.Empty, () =>
            {
                writer.Line($"float* row = {start};");
                for (int i = 0; i < rows; i++)
                {
                    for (int j = 0; j < vectors; j++)
                    {
                        writer.Line(line(i, j, $"row + {j * width.Lanes}"));
                    }

                    if (i < rows - 1)
                    {
                        writer.Line("row += ldc;");
                    }
                }
            });
        }

        private void ForAll(Action<int, int> action)
        {
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < vectors; j++)
                {
                    action(i, j);
                }
            }
        }
    }
}
