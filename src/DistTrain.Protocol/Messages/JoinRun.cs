namespace DistTrain.Protocol;

/// <summary>Server or worker to coordinator, until directed: takes part in the run.</summary>
/// <param name="Epoch">0, or the last run epoch the sender was directed in.</param>
/// <param name="Identity">The handshake; a difference is answered with <see cref="Refused"/>.</param>
public sealed record JoinRun(RunEpoch Epoch, RunIdentity Identity) : Message(Epoch);
