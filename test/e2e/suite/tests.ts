import './tree.test';
import './enter.test';
import './dump.test';
import './hosts.test';
import './badInput.test';
import './look.test';
