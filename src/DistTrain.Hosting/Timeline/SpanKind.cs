namespace DistTrain.Hosting;

/// <summary>What a span of a timeline is. Numbers travel between processes of one build.</summary>
internal enum SpanKind : byte
{
    /// <summary>Worker: a range of a step, from its request to its last block; the four below lie in it.</summary>
    Range = 0,

    /// <summary>Worker: up to the loss.</summary>
    Forward = 1,

    /// <summary>Worker: from the loss on.</summary>
    Backward = 2,

    /// <summary>Worker: for a block that is not there yet.</summary>
    Wait = 3,

    /// <summary>Worker: hands over a block of gradient; the servers' work too where they share the thread.</summary>
    Push = 4,

    /// <summary>Worker: a batch of an evaluation.</summary>
    Evaluate = 5,

    /// <summary>Server: takes in a push.</summary>
    Receive = 6,

    /// <summary>Server: applies a complete sum; lies in the receive that completed it, or follows from another message.</summary>
    Update = 7,

    /// <summary>Server: hands a new version to those who want it.</summary>
    Publish = 8,

    /// <summary>Coordinator: between run epochs; the first one is the run's begin, the others are recoveries.</summary>
    Gather = 9,

    /// <summary>Coordinator: from its order to store the manifest to the word that a checkpoint is valid.</summary>
    Checkpoint = 10,

    /// <summary>Coordinator: a machine joined.</summary>
    Joined = 11,

    /// <summary>Coordinator: a machine is gone.</summary>
    Gone = 12,

    /// <summary>The process itself: what it knows of the timeline's clock.</summary>
    Clock = 13,
}
