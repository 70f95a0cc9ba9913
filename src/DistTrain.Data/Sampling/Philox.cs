namespace DistTrain.Data;

/// <summary>Stand-in for DistTrain.Tensors.Philox until it has landed: the same counter and key layout.</summary>
internal static class Philox
{
    public static uint Stream(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
        {
            hash = (hash ^ (byte)c) * 16777619;
        }

        return hash;
    }

    public static (uint X0, uint X1, uint X2, uint X3) Block(ulong seed, uint elementBlock, uint sample, uint pass, uint stream)
    {
        (uint c0, uint c1, uint c2, uint c3) = (elementBlock, sample, pass, stream);
        (uint k0, uint k1) = ((uint)seed, (uint)(seed >> 32));
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)0xD2511F53 * c0;
            ulong p1 = (ulong)0xCD9E8D57 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }
}
