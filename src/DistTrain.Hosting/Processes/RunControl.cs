using System.Text.Json;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Asks a live run of several processes how it goes, or to stop.</summary>
public static class RunControl
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>How it goes.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <exception cref="Tensors.UserError">No run is live there.</exception>
    /// <exception cref="EngineFailedException">Its launcher does not answer.</exception>
    public static Task<RunReport> StatusAsync(string runFolder) => AskAsync(runFolder, ControlQuestion.Status);

    /// <summary>Lets it end after a checkpoint; returns as soon as it has heard.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <exception cref="Tensors.UserError">No run is live there.</exception>
    /// <exception cref="EngineFailedException">Its launcher does not answer.</exception>
    public static Task<RunReport> StopAsync(string runFolder) => AskAsync(runFolder, ControlQuestion.Stop);

    /// <summary>The newest run folder in a folder of such that says that it is live; null: none does.</summary>
    public static string? NewestLive(string parent) => !Directory.Exists(parent)
        ? null
        : Directory.EnumerateDirectories(parent).Where(folder => File.Exists(Path.Combine(folder, LiveFile.Name)))
            .MaxBy(folder => File.GetLastWriteTimeUtc(Path.Combine(folder, LiveFile.Name)));

    private static async Task<RunReport> AskAsync(string runFolder, string ask)
    {
        LiveFile live = LiveFile.Read(runFolder);
        ControlAnswer answer = await AskAsync(LaneAddress.Parse(LiveFile.Name, live.Address), live.Security.ToLanes(), new ControlQuestion(ask)).ConfigureAwait(false);
        return answer.Report ?? throw new EngineFailedException($"{runFolder}: {answer.Refusal}");
    }

    internal static async Task<ControlAnswer> AskAsync(LaneAddress address, LaneSecurity security, ControlQuestion question)
    {
        var asker = new Asker(question);
        using var lanes = new LaneNode(LaneIdentity.Guest($"guest-{Guid.NewGuid():N}"), security, new LaneOptions(), new BlockPool(), asker);
        lanes.Dial(address);
        try
        {
            return await asker.Answer.WaitAsync(AnswerMax).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new EngineFailedException($"{address}: {asker.Trouble ?? "the launcher does not answer"}; is the run still alive?", e);
        }
    }

    private sealed class Asker(ControlQuestion question) : ILaneHandler
    {
        private readonly TaskCompletionSource<ControlAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ControlAnswer> Answer => answer.Task;

        public string? Trouble { get; private set; }

        public void OnConnected(LanePeer peer) => peer.SendBytes(LaneNetwork.ControlChannelNumber, JsonSerializer.SerializeToUtf8Bytes(question));

        public void OnBroken(LanePeer peer, string reason) => Trouble = reason;

        public void OnUnreachable(LanePeer peer, string reason) =>
            answer.TrySetException(new EngineFailedException(
                reason.StartsWith($"{peer.Address}", StringComparison.Ordinal) ? $"{reason}: no run listens there (any more)" : $"{peer.Address}: {reason}"));

        public void OnRefused(string remote, LaneRefusal refusal) => answer.TrySetException(new EngineFailedException($"{remote}: {refusal.Text}"));

        public void OnMessage(LanePeer peer, in LaneFrame frame) => frame.Run?.Release();

        public void OnBytes(LanePeer peer, int channel, ReadOnlySpan<byte> bytes)
        {
            if (channel == LaneNetwork.ControlChannelNumber && JsonSerializer.Deserialize<ControlAnswer>(bytes) is { } told)
            {
                answer.TrySetResult(told);
            }
        }
    }
}
