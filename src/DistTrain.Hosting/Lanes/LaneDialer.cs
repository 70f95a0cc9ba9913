namespace DistTrain.Hosting;

/// <summary>The thread that keeps one dialed lane up: connect, serve, and after a pause again.</summary>
internal sealed class LaneDialer(LaneNode node, LanePeer peer, LaneOptions options, ILaneHandler handler) : IDisposable
{
    private readonly CancellationTokenSource stopped = new();

    public void Start() => new Thread(Run, LaneNode.StackBytes) { IsBackground = true, Name = $"lane to {peer.Address}" }.Start();

    /// <summary>Ends the lane; the thread follows soon.</summary>
    public void Dispose() => stopped.Cancel();

    private void Run()
    {
        var backoff = new Backoff(options.ReconnectMin, options.ReconnectMax);
        while (!stopped.IsCancellationRequested && !peer.IsClosed)
        {
            long before = peer.FramesReceived;
            try
            {
                node.Visit(peer, stopped.Token);
            }
            catch (LaneRefusedException e)
            {
                handler.OnRefused(peer.Address!.ToString(), e.Refusal);
                if (!e.Refusal.IsTemporary)
                {
                    break;
                }
            }
            catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
            {
                if (!stopped.IsCancellationRequested)
                {
                    handler.OnUnreachable(peer, e.Message);
                }
            }

            catch (Exception e)
            {
                // Whatever answers must not be able to end the process by what it sends.
                handler.OnUnreachable(peer, $"a defect of disttrain: {e}");
            }

            if (peer.FramesReceived > before)
            {
                backoff.Reset();
            }

            peer.DropStale();
            stopped.Token.WaitHandle.WaitOne(backoff.Next());
        }

        peer.DropAll();
        node.Forget(peer);
    }
}
