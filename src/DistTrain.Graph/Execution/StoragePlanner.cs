namespace DistTrain.Graph;

/// <summary>
/// Follows every value and gradient of a plan through time. Step p is the forward call of node p of n, step 2n - 1 - p its
/// backward call. A storage must not be written by another between its first and last step; that is all that placing needs.
/// </summary>
internal sealed class StoragePlanner
{
    private readonly GraphPlan plan;
    private readonly PlanOptions options;
    private readonly NodePlan[] nodes;
    private readonly Dictionary<Node, int> position = [];
    private readonly Dictionary<Node, List<(Node User, int Slot)>> users = [];
    private readonly Dictionary<Node, Storage> values = [];
    private readonly Dictionary<(Node User, int Slot), Storage> shares = [];
    private readonly Dictionary<Node, Storage> forwardScratch = [];
    private readonly Dictionary<Node, Storage> backwardScratch = [];
    private readonly Dictionary<Node, Storage[]> kept = [];
    private readonly List<Storage> storages = [];

    public StoragePlanner(GraphPlan plan, PlanOptions options)
    {
        this.plan = plan;
        this.options = options;
        nodes = plan.Nodes;
        for (int p = 0; p < nodes.Length; p++)
        {
            Node node = nodes[p].Node;
            position[node] = p;
            users[node] = [];
            for (int slot = 0; slot < node.Inputs.Count; slot++)
            {
                users[node.Inputs[slot]].Add((node, slot));
            }
        }
    }

    private bool Training => plan.Purpose == PlanPurpose.Training;

    /// <summary>Fills in the node plans and returns the floats of the arena.</summary>
    public int Assign()
    {
        DecideCalls();
        foreach (NodePlan node in nodes)
        {
            AssignValue(node);
        }

        foreach (NodePlan node in nodes.Reverse().Where(node => node.HasGradient))
        {
            AssignGradients(node);
        }

        values[plan.Target].UseAt(2 * nodes.Length);
        int arenaFloats = ArenaLayout.Place(storages, plan.MaxRows, reuse: !options.KeepEverything);
        foreach (NodePlan node in nodes)
        {
            WriteOffsets(node);
        }

        return arenaFloats;
    }

    private int Backward(Node node) => (2 * nodes.Length) - 1 - position[node];

    private void DecideCalls()
    {
        foreach (NodePlan plan in nodes)
        {
            Node node = plan.Node;
            bool view = node.Op.IsView(Training);
            bool behind = node.Inputs.Any(input => this.plan.Of(input).HasGradient);
            plan.HasGradient = Training && node.Op is not Mask && (behind || node.Parameters.Any(parameter => !parameter.IsFrozen));
            plan.RunsBackward = plan.HasGradient && behind && !view;
            plan.RunsForward = node.Op is not Input && !view;
            if (node.Op is ReLU && !options.Unfused && node.Inputs[0].Op.CanFuseRelu && users[node.Inputs[0]].Count == 1)
            {
                plan.RunsForward = false;
                this.plan.Of(node.Inputs[0]).FuseRelu = true;
            }
        }
    }

    private void AssignValue(NodePlan plan)
    {
        Node node = plan.Node;
        Storage storage = node.Op switch
        {
            Input => new Storage(node.Shape.Length) { ExternalInput = this.plan.Graph.InputPosition(node) },
            _ when !plan.RunsForward => values[node.Inputs[0]],
            _ when node.Op.ForwardInPlace && MayOverwriteFirstInput(node) => values[node.Inputs[0]],
            _ => NewStorage(node.Shape.Length),
        };
        values[node] = storage;
        storage.Members.Add(node);
        storage.UseAt(position[node]);
        foreach (Node source in node.Sources)
        {
            values[source].UseAt(position[node]);
        }

        if (plan.HasGradient)
        {
            if (node.Op.Reads.HasFlag(BackwardReads.Output))
            {
                storage.UseAt(Backward(node));
            }

            foreach (Node input in node.Op.Reads.HasFlag(BackwardReads.Inputs) ? node.Inputs : [])
            {
                values[input].UseAt(Backward(node));
            }

            foreach (Node? mask in node.InputMasks)
            {
                if (mask is not null)
                {
                    values[mask].UseAt(Backward(node));
                }
            }
        }

        kept[node] = [.. plan.KeptPerSample.Select(NewStorage)];
        foreach (Storage run in kept[node])
        {
            run.UseAt(position[node]);
            run.UseAt(plan.HasGradient ? Backward(node) : position[node]);
        }

        if (plan.ScratchPerSample > 0)
        {
            forwardScratch[node] = NewStorage(plan.ScratchPerSample);
            forwardScratch[node].UseAt(position[node]);
            if (plan.HasGradient)
            {
                backwardScratch[node] = NewStorage(plan.ScratchPerSample);
                backwardScratch[node].UseAt(Backward(node));
            }
        }
    }

    /// <summary>
    /// True when nothing reads the memory of input 0 afterwards: no later user, no backward call, and no other input of the same
    /// call, which an op that takes several passes (x + y + x) would find overwritten.
    /// </summary>
    private bool MayOverwriteFirstInput(Node node)
    {
        int step = position[node];
        Storage storage = values[node.Inputs[0]];
        return !options.KeepEverything
            && storage.ExternalInput < 0
            && storage.To <= step
            && node.Inputs.Skip(1).All(other => values[other] != storage)
            && storage.Members.TrueForAll(member => users[member].TrueForAll(use =>
                position[use.User] <= step && !(plan.Of(use.User).HasGradient && use.User.Op.Reads.HasFlag(BackwardReads.Inputs))));
    }

    private void AssignGradients(NodePlan plan)
    {
        Node node = plan.Node;
        List<(Node User, int Slot)> uses = GradientUsers(node);
        Storage? gradient = node == this.plan.Target ? null : shares[uses[0]];
        foreach ((Node User, int Slot) use in uses)
        {
            shares[use].UseAt(Backward(node));
        }

        for (int slot = 0; slot < node.Inputs.Count; slot++)
        {
            if (!this.plan.Of(node.Inputs[slot]).HasGradient)
            {
                continue;
            }

            bool over = node.Op.IsView(Training) || (node.Op.BackwardInPlace && slot == 0 && !options.KeepEverything);
            Storage share = over && gradient is not null ? gradient : NewStorage(node.Inputs[slot].Shape.Length);
            share.UseAt(Backward(node));
            shares[(node, slot)] = share;
        }
    }

    /// <summary>Uses that give a gradient back; a mask's doesn't.</summary>
    private List<(Node User, int Slot)> GradientUsers(Node node) => users[node].FindAll(use => plan.Of(use.User).HasGradient);

    private Storage NewStorage(int perSample)
    {
        var storage = new Storage(perSample);
        storages.Add(storage);
        return storage;
    }

    private void WriteOffsets(NodePlan plan)
    {
        Node node = plan.Node;
        plan.ExternalInput = values[node].ExternalInput;
        plan.Output = values[node].Offset;
        plan.ForwardScratch = forwardScratch.TryGetValue(node, out Storage? forward) ? forward.Offset : -1;
        plan.BackwardScratch = backwardScratch.TryGetValue(node, out Storage? backward) ? backward.Offset : -1;
        for (int i = 0; i < plan.Kept.Length; i++)
        {
            plan.Kept[i] = kept[node][i].Offset;
        }

        if (!plan.HasGradient)
        {
            return;
        }

        if (GradientUsers(node) is { Count: > 0 } uses)
        {
            plan.OutputGradient = shares[uses[0]].Offset;
            plan.FurtherShares = [.. uses.Skip(1).Select(use => shares[use].Offset)];
        }

        for (int slot = 0; slot < node.Inputs.Count; slot++)
        {
            plan.InputGradients[slot] = shares.TryGetValue((node, slot), out Storage? share) ? share.Offset : -1;
        }
    }
}
