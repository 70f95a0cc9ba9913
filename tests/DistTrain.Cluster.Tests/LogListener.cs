using Akka.Actor;
using Akka.Event;

namespace DistTrain.Cluster.Tests;

/// <summary>Waits for a line of a node's log.</summary>
internal static class LogListener
{
    /// <summary>The first line from now on that has these words.</summary>
    /// <param name="system">Whose log.</param>
    /// <param name="part">Of the line.</param>
    /// <param name="level">Type of the log's event: <see cref="Error"/>, <see cref="Warning"/>.</param>
    public static Task<string> LineAsync(ActorSystem system, string part, Type level)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(part, found))), level);
        return found.Task;
    }

    private sealed class Listener(string part, TaskCompletionSource<string> found) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is LogEvent line && $"{line.Message}" is var text && text.Contains(part, StringComparison.Ordinal))
            {
                found.TrySetResult(text);
            }
        }
    }
}
