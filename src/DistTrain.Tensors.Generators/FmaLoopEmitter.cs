namespace DistTrain.Tensors.Generators;

/// <summary>Loops of fused multiply-adds that never leave the registers, one for each vector width: the peak of a core.</summary>
internal static class FmaLoopEmitter
{
    /// <summary>More chains than latency (4 cycles) times units (2), few enough for 16 registers.</summary>
    private const int Accumulators = 12;

    public static string Emit()
    {
        var writer = new KernelWriter();
        writer.Class("FmaLoops", () =>
        {
            writer.Line($"public const int Accumulators = {Accumulators};");
            foreach (VectorWidth width in VectorWidth.All)
            {
                writer.Kernel("float", $"Run{width.Bits}", "long iterations", () => Loop(writer, width.Name));
            }
        });
        return writer.ToString();
    }

    private static void Loop(KernelWriter writer, string vector)
    {
        writer.Line($"{vector}<float> x = {vector}.Create(0.5f), sum = {vector}<float>.Zero;");
        for (int i = 0; i < Accumulators; i++)
        {
            writer.Line($"{vector}<float> c{i} = {vector}.Create({i}f);");
        }

        writer.Block("for (; iterations > 0; iterations--)", () =>
        {
            for (int i = 0; i < Accumulators; i++)
            {
                writer.Line($"c{i} = {vector}.FusedMultiplyAdd(c{i}, x, x);");
            }
        });
        for (int i = 0; i < Accumulators; i++)
        {
            writer.Line($"sum += c{i};");
        }

        writer.Line("return sum.GetElement(0);");
    }
}
