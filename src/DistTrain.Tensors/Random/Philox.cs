using System.Text;

namespace DistTrain.Tensors;

/// <summary>
/// Philox 4x32-10, a counter-based generator (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011): each number is
/// a function of what it is for, nothing is drawn in sequence. Key = seed; counter = (element / 4, sample, pass, stream).
/// </summary>
public static partial class Philox
{
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint KeyStep0 = 0x9E3779B9;
    internal const uint KeyStep1 = 0xBB67AE85;
    internal const int Rounds = 10;

    /// <summary>The words of elements 4 elementBlock ... 4 elementBlock + 3.</summary>
    /// <param name="seed">The job's seed: the key, low half first.</param>
    /// <param name="elementBlock">Element / 4.</param>
    /// <param name="sample">Data-set index of the sample, 0 for what belongs to no sample.</param>
    /// <param name="pass">Pass over the data, 0 for what is drawn once.</param>
    /// <param name="stream">What draws: <see cref="Stream"/> of its name.</param>
    public static PhiloxBlock Block(ulong seed, uint elementBlock, uint sample, uint pass, uint stream)
    {
        uint c0 = elementBlock, c1 = sample, c2 = pass, c3 = stream;
        uint k0 = (uint)seed, k1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0;
            ulong p1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint)p1;
            c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint)p0;
            k0 += KeyStep0;
            k1 += KeyStep1;
        }

        return new PhiloxBlock(c0, c1, c2, c3);
    }

    /// <summary>The uniform number in [0, 1) of one element: (word &gt;&gt; 8) · 2⁻²⁴.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="element">0 to 2³⁴ - 1.</param>
    /// <param name="sample">Data-set index of the sample, 0 for what belongs to no sample.</param>
    /// <param name="pass">Pass over the data, 0 for what is drawn once.</param>
    /// <param name="stream">What draws: <see cref="Stream"/> of its name.</param>
    public static float Uniform(ulong seed, long element, uint sample, uint pass, uint stream) =>
        ToUniform(Block(seed, checked((uint)(element >> 2)), sample, pass, stream)[(int)(element & 3)]);

    /// <summary>(word &gt;&gt; 8) · 2⁻²⁴, exactly.</summary>
    public static float ToUniform(uint word) => (word >> 8) * 5.9604645e-08f;

    /// <summary>The stream of a stable name: 32-bit FNV-1a of its UTF-8 bytes.</summary>
    public static uint Stream(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        uint hash = 2166136261;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 16777619;
        }

        return hash;
    }
}
