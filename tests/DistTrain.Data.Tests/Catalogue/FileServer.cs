using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DistTrain.Data.Tests;

/// <summary>A small HTTP server on this machine that can be told to behave badly. One request a connection.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FileServer()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Break off after so many bytes of a body, once for each entry.</summary>
    public ConcurrentQueue<int> Cuts { get; } = new();

    public bool IgnoresRange { get; init; }

    /// <summary>Takes requests and never answers.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Path and first byte of every request.</summary>
    public ConcurrentQueue<(string Path, int From)> Requests { get; } = new();

    /// <summary>Done when the first request is there.</summary>
    public Task Asked => asked.Task;

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            string path = (await reader.ReadLineAsync() ?? "").Split(' ')[1].TrimStart('/');
            int from = 0;
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                {
                    from = int.Parse(line["Range: bytes=".Length..^1]);
                }
            }

            Requests.Enqueue((path, from));
            asked.TrySetResult();
            if (IsSilent)
            {
                // The client has nothing more to send: this returns when it hangs up.
                _ = await reader.ReadLineAsync(stop.Token);
                return;
            }

            await SendAsync(stream, path, IgnoresRange ? 0 : from);
        }
    }

    private async Task SendAsync(NetworkStream stream, string path, int from)
    {
        if (!Files.TryGetValue(path, out byte[]? file))
        {
            await HeadAsync(stream, "404 Not Found", 0);
            return;
        }

        if (from >= file.Length)
        {
            await HeadAsync(stream, "416 Range Not Satisfiable", 0);
            return;
        }

        string range = from > 0 ? $"Content-Range: bytes {from}-{file.Length - 1}/{file.Length}\r\n" : "";
        await HeadAsync(stream, from > 0 ? "206 Partial Content" : "200 OK", file.Length - from, range);
        int end = Cuts.TryDequeue(out int cut) ? Math.Min(from + cut, file.Length) : file.Length;
        await stream.WriteAsync(file.AsMemory(from, end - from));
    }

    private static async Task HeadAsync(NetworkStream stream, string status, int length, string more = "") =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"));
}
