using System.Diagnostics;
using System.Net.Sockets;

namespace DistTrain.Hosting;

/// <summary>The plain thing that lanes are measured against: one thread sends an array, another receives into one, both blocking.</summary>
internal sealed class SocketCopy : IDisposable
{
    private readonly Socket from;
    private readonly Socket to;
    private readonly byte[][] frames;

    /// <param name="address">To use for the moment.</param>
    /// <param name="frameBytes">Bytes of a frame.</param>
    /// <param name="sources">Arrays that are sent in turn, as many as the lane has: the same caches serve both.</param>
    public SocketCopy(LaneAddress address, int frameBytes, int sources)
    {
        frames = [.. Enumerable.Range(0, sources).Select(_ => new byte[frameBytes])];

        // Memory that was never written is one page of zeros, which no cache ever loses.
        Array.ForEach(frames, new Random(1).NextBytes);
        System.Net.EndPoint point = address.Resolve()[0];
        using Socket listener = address.CreateSocket(point.AddressFamily);
        listener.Bind(point);
        listener.Listen(1);
        from = address.CreateSocket(point.AddressFamily);
        from.Connect(listener.LocalEndPoint!);
        to = listener.Accept();
        if (!address.IsUnix)
        {
            from.NoDelay = to.NoDelay = true;
        }
    }

    /// <summary>Sends and receives so many frames; returns bytes/s.</summary>
    public double Run(int count)
    {
        var receiver = new Thread(() => Receive(count));
        long start = Stopwatch.GetTimestamp();
        receiver.Start();
        for (int i = 0; i < count; i++)
        {
            for (ReadOnlySpan<byte> left = frames[i % frames.Length]; left.Length > 0;)
            {
                left = left[from.Send(left)..];
            }
        }

        receiver.Join();
        return (double)count * frames[0].Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        from.Dispose();
        to.Dispose();
    }

    private void Receive(int count)
    {
        byte[] into = new byte[frames[0].Length];
        for (int i = 0; i < count; i++)
        {
            for (Span<byte> left = into; left.Length > 0;)
            {
                left = left[to.Receive(left)..];
            }
        }
    }
}
