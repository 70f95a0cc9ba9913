using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>
/// Holds back what a coordinator says to others until the launcher has what it reported before. A coordinator that is killed at the end of
/// an epoch has then either told the launcher, or nobody has heard that the epoch's steps are committed, and its successor commits and
/// reports them again (the journal tells each epoch once). Costs a round trip to the launcher an epoch.
/// </summary>
/// <remarks>Rejected: successors that repeat what was reported, since the sums of passes that are over would have to live on servers.</remarks>
/// <param name="post">Reports, and calls back when the launcher has it.</param>
/// <param name="send">Lets a message go; a reference to its payload goes along.</param>
internal sealed class ReportFence(Action<HostMessage, Action> post, Action<Send> send)
{
    /// <summary>Messages held while the launcher does not answer, far more than a coordinator says in ten seconds; further ones are lost, as on any wire.</summary>
    private const int HeldMax = 4096;

    private readonly Lock gate = new();
    private readonly Queue<Send> held = new();
    private int awaited;

    public void Report(EventHappened report)
    {
        if (!report.IsAwaited)
        {
            post(report, static () => { });
            return;
        }

        lock (gate)
        {
            awaited++;
        }

        post(report, OnTaken);
    }

    public void Send(Send message)
    {
        lock (gate)
        {
            if (awaited > 0)
            {
                if (held.Count < HeldMax)
                {
                    held.Enqueue(message);
                }
                else
                {
                    message.Release();
                }

                return;
            }
        }

        send(message);
    }

    private void OnTaken()
    {
        List<Send> free;
        lock (gate)
        {
            if (--awaited > 0)
            {
                return;
            }

            free = [.. held];
            held.Clear();
        }

        free.ForEach(send);
    }
}
