namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// A part of the session's state that follows its transaction. <see cref="TransactionScopes"/> alone calls these, on all parts in one order, so
/// every part has as many marks as there are savepoints. Marks are numbered from 0.
/// </summary>
internal interface IScoped
{
    /// <summary>Adds a mark for a savepoint that is being defined.</summary>
    ValueTask MarkAsync(CancellationToken token);

    /// <summary>Forgets a mark and the later ones: what has happened since then belongs to the mark before it.</summary>
    ValueTask ReleaseAsync(int mark, CancellationToken token);

    /// <summary>Undoes what has happened since a mark, which stays; later marks are forgotten.</summary>
    ValueTask ReturnAsync(int mark, CancellationToken token);

    /// <summary>
    /// A statement has failed in a block: undoes at once what must not wait until the client ends the block or returns to a savepoint. The marks
    /// stay.
    /// </summary>
    ValueTask FailAsync();

    /// <summary>Keeps all that has happened, for the transaction has been committed, and forgets the marks.</summary>
    ValueTask CommitAsync();

    /// <summary>Undoes all that has happened and forgets the marks.</summary>
    ValueTask RollbackAsync();
}
