using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;
using HostLevel = Microsoft.Extensions.Logging.LogLevel;

namespace DistTrain.Cluster;

/// <summary>Akka.NET's log, and that of the node's actors, as part of the surrounding program's. Categories are names of types.</summary>
internal sealed class HostLog : UntypedActor
{
    private readonly ILoggerFactory loggers = Context.System.Settings.Setup.Get<Target>().Value.Loggers;

    /// <summary>Settings that put it in the place of Akka.NET's own, which writes to the console.</summary>
    public static string Hocon => $"""
        akka.loggers = ["{typeof(HostLog).FullName}, {typeof(HostLog).Assembly.GetName().Name}"]
        akka.stdout-loglevel = OFF
        """;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent happened:
                ILogger logger = loggers.CreateLogger(happened.LogClass?.FullName ?? ClusterNode.SystemName);
                logger.Log(LevelOf(happened.LogLevel()), default, happened, happened.Cause, static (each, _) => $"{each.Message}");
                break;
        }
    }

    private static HostLevel LevelOf(AkkaLevel level) => level switch
    {
        AkkaLevel.DebugLevel => HostLevel.Debug,
        AkkaLevel.InfoLevel => HostLevel.Information,
        AkkaLevel.WarningLevel => HostLevel.Warning,
        _ => HostLevel.Error,
    };

    /// <summary>Carries the program's loggers into the actor system.</summary>
    internal sealed class Target(ILoggerFactory loggers) : Setup
    {
        public ILoggerFactory Loggers => loggers;
    }
}
