using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>The numbers that one picture is drawn from: elements 0, 1, 2, ... of its own Philox stream.</summary>
internal struct DigitRandom(ulong seed, uint sample, uint stream)
{
    private PhiloxBlock block;
    private uint element;

    /// <summary>Uniform in [0, 1): (word >> 8) · 2⁻²⁴.</summary>
    public float Uniform()
    {
        int lane = (int)(element & 3);
        if (lane == 0)
        {
            block = Philox.Block(seed, element >> 2, sample, 0, stream);
        }

        element++;
        return Philox.ToUniform(block[lane]);
    }

    /// <summary>Uniform in [low, high).</summary>
    public float Between(float low, float high) => low + (Uniform() * (high - low));

    /// <summary>In (-size, size), more often near 0: the sum of two uniform numbers (a triangle).</summary>
    public float Around(float size) => (Uniform() + Uniform() - 1f) * size;

    /// <summary>A whole number in [0, count).</summary>
    public int Below(int count) => Math.Min((int)(Uniform() * count), count - 1);
}
