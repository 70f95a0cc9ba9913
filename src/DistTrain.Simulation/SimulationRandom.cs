namespace DistTrain.Simulation;

/// <summary>Random numbers of a simulation: SplitMix64 (Steele, Lea, Flood 2014). One seed gives one run, on every machine.</summary>
public sealed class SimulationRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A number in [0, bound); the bias of the remainder is below 2⁻³² and of no interest here.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A number in [min, max], both included.</summary>
    public int Between(int min, int max) => min + Below(max - min + 1);

    /// <summary>True in <paramref name="perMille"/> of a thousand cases.</summary>
    public bool Chance(int perMille) => Below(1000) < perMille;
}
