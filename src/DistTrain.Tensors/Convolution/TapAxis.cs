namespace DistTrain.Tensors;

/// <summary>
/// One axis (y or x) of a convolution seen from its target: which source positions meet which kernel taps at a target
/// position. The targets are split in phases; all targets of a phase meet the same taps at a constant distance.
/// </summary>
/// <remarks>
/// Forward: one phase, source = target * stride - pad + k. Data gradient: the target is x, the source dy, and tap k of
/// target t exists where t + pad - k is a multiple of the stride: one phase for each remainder.
/// Within a phase the taps ascend in k and their shifts are monotonic, so the taps that exist are always consecutive.
/// </remarks>
internal sealed class TapAxis
{
    private TapAxis(int sourceSize, Phase[] phases)
    {
        SourceSize = sourceSize;
        Phases = phases;
    }

    internal int SourceSize { get; }

    internal Phase[] Phases { get; }

    internal static TapAxis Forward(int inSize, int outSize, int kernel, int stride, int pad)
    {
        var taps = new Tap[kernel];
        for (int k = 0; k < kernel; k++)
        {
            taps[k] = new Tap(k, k);
        }

        return new TapAxis(inSize, [new Phase(taps, 0, 1, outSize, -pad, stride)]);
    }

    internal static TapAxis Data(int inSize, int outSize, int kernel, int stride, int pad)
    {
        var phases = new List<Phase>();
        for (int remainder = 0; remainder < stride; remainder++)
        {
            int first = (((remainder - pad) % stride) + stride) % stride;
            if (first >= inSize)
            {
                continue;
            }

            var taps = new List<Tap>();
            for (int k = remainder; k < kernel; k += stride)
            {
                taps.Add(new Tap(k, -(k / stride)));
            }

            int count = (inSize - first + stride - 1) / stride;
            phases.Add(new Phase([.. taps], first, stride, count, (first + pad) / stride, 1));
        }

        return new TapAxis(outSize, [.. phases]);
    }

    /// <summary>True when the source position that the phase's i-th target meets at the tap lies inside.</summary>
    internal bool Exists(Phase phase, int i, Tap tap) =>
        (uint)(phase.FirstSource + (i * phase.SourceStep) + tap.Shift) < (uint)SourceSize;

    /// <summary>Kernel index, and source positions from the target's base.</summary>
    internal readonly record struct Tap(int Kernel, int Shift);

    /// <summary>Targets FirstTarget + i * TargetStep for i in 0..Count-1, with source base FirstSource + i * SourceStep.</summary>
    internal sealed record Phase(Tap[] Taps, int FirstTarget, int TargetStep, int Count, int FirstSource, int SourceStep);
}
