namespace Rqlite.Pg.Cluster;

/// <summary>The files of a log, opened and found intact.</summary>
internal sealed record OpenedLog(
    string Directory, LogFiles Files, TermFile State, BasePoint Base, LogStateMachine Machine, Action<string, Exception> Failed)
{
    /// <summary>The index of the last entry.</summary>
    public long Last => Files.Last;

    /// <exception cref="LogDamageException">The files hold unknown data, or a part is missing.</exception>
    public static OpenedLog Open(string directory, BasePoint point, LogStateMachine machine, Action<string, Exception> failed)
    {
        RefuseOtherFormat(directory);
        var known = File.Exists(TermFile.PathIn(directory));
        var state = known ? TermFile.Open(directory) : null;
        LogFiles? files = null;
        try
        {
            files = LogFiles.Open(directory, state?.State.CutFrom ?? 0);
            if (!known && files.Last > 0)
            {
                throw new LogDamageException($"'{TermFile.PathIn(directory)}', which holds the term and the vote, is missing.");
            }

            Align(files, point, directory, known);
            if (!known)
            {
                DurableFile.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(directory))!);
            }

            state ??= TermFile.Open(directory);
            if (state.State.CutFrom > 0)
            {
                state.Write(state.State with { CutFrom = 0 });
            }

            if (files.TermAt(files.Last) > state.State.Term)
            {
                throw new LogDamageException($"The log holds term {files.TermAt(files.Last)}, but the file 'state' knows of none after {state.State.Term}.");
            }

            return new(directory, files, state, point, machine, failed);
        }
        catch
        {
            state?.Dispose();
            files?.Close();
            throw;
        }
    }

    private static void Align(LogFiles files, BasePoint point, string directory, bool known)
    {
        if (point.OfCopy)
        {
            // The install of the copy was interrupted: these are the steps of Install after the database has changed.
            if (files.First == 0 || point.Index > files.Last || point.Index < files.First - 1 || files.TermAt(point.Index) != point.Term)
            {
                files.Clear();
                files.Begin(point.Index + 1, point.Term);
            }

            BaseFile.Write(BaseFile.PathIn(directory), point.Index, point.Term);
        }
        else if (files.First == 0)
        {
            if (known)
            {
                throw new LogDamageException($"'{directory}' holds no entries: the log has been removed.");
            }

            files.Begin(point.Index + 1, point.Term);
        }

        if (files.First > point.Index + 1)
        {
            throw new LogDamageException($"The log begins with index {files.First}, but should hold everything after {point.Index}.");
        }
    }

    private static void RefuseOtherFormat(string directory)
    {
        foreach (var name in (string[])["checkpoint", "metadata"])
        {
            if (Path.Exists(Path.Combine(directory, name)))
            {
                throw new InvalidDataException(
                    $"'{directory}' holds a log in the format of an earlier version, which this version does not read. Start this node with an "
                    + "empty data directory, and take the data over by a dump or by joining a cluster.");
            }
        }
    }
}
