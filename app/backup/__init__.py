"""Backups: everything that lies in the var folder, taken while the site runs, and put back."""

from app.backup.manifest import BackupError
from app.backup.restoring import Restored, restore_backup
from app.backup.taking import Taken, take_backup

__all__ = ["BackupError", "Restored", "Taken", "restore_backup", "take_backup"]
