using System.Buffers.Binary;
using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>
/// Pictures of noise with classes at random, as files: workers in processes of their own open them as they open any data. Engines that
/// need no files read the same ones, so that a case has one hash whatever ran it.
/// </summary>
internal sealed class BenchData : IDisposable
{
    public const int Classes = 10;

    /// <summary>Batches of different samples, so that no data lie in the caches by accident.</summary>
    private const int Batches = 8;

    private const int Side = 28;

    /// <param name="batch">Samples of a step.</param>
    public BenchData(int batch)
    {
        Path = Directory.CreateTempSubdirectory("disttrain-bench-").FullName;
        int samples = Batches * batch;
        byte[] classes = Noise("bench/classes", samples, Classes);

        // The largest label tells how many classes there are.
        classes[0] = Classes - 1;
        Write("train-images-idx3-ubyte", [samples, Side, Side], Noise("bench/pixels", samples * Side * Side, 256));
        Write("train-labels-idx1-ubyte", [samples], classes);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static byte[] Noise(string stream, int count, int values)
    {
        float[] draws = new float[count];
        Philox.FillUniform(1, 0, 0, Philox.Stream(stream), draws);
        return Array.ConvertAll(draws, draw => (byte)(draw * values));
    }

    private void Write(string name, int[] dims, byte[] bytes)
    {
        const int UnsignedBytes = 0x08;
        byte[] header = new byte[4 + (4 * dims.Length)];
        BinaryPrimitives.WriteInt32BigEndian(header, (UnsignedBytes << 8) | dims.Length);
        for (int i = 0; i < dims.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dims[i]);
        }

        using FileStream file = File.Create(System.IO.Path.Combine(Path, name));
        file.Write(header);
        file.Write(bytes);
    }
}
