namespace DistTrain.Hosting;

/// <summary>One node's requests for data, answered one after the other on the pool; a node whose lane is slow keeps only itself waiting.</summary>
internal sealed class DataFeed(ServedData data, HostChannel channel)
{
    /// <summary>Requests that may wait: what a node has under way at most, and its question for the manifest.</summary>
    private const int WaitingMax = FetchedData.AskedMax + 1;

    private readonly Lock gate = new();
    private readonly Queue<HostMessage> waiting = new();
    private bool isBusy;

    /// <exception cref="InvalidDataException">The node asks for more than it may.</exception>
    public void Take(HostMessage ask)
    {
        lock (gate)
        {
            if (waiting.Count >= WaitingMax)
            {
                throw new InvalidDataException($"it asks for more than {WaitingMax} chunks at a time");
            }

            waiting.Enqueue(ask);
            if (isBusy)
            {
                return;
            }

            isBusy = true;
        }

        _ = Task.Run(AnswerAll);
    }

    private void AnswerAll()
    {
        while (true)
        {
            HostMessage? ask;
            lock (gate)
            {
                isBusy = waiting.TryDequeue(out ask);
                if (!isBusy)
                {
                    return;
                }
            }

            try
            {
                foreach (HostMessage answer in ask is AskChunk chunk ? data.Chunk(chunk) : data.Manifests())
                {
                    channel.PostWhenRoom(answer);
                }
            }
            catch (Exception exception)
            {
                channel.Post(new DataNotTold(exception.Message));
            }
        }
    }
}
